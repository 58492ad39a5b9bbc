import type { Inquiry } from './inquiry.ts';
import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { entityNamed, type Entities } from './rows.ts';
import { ANYTHING, hasProperties, objectSchema, propertyOf } from './schemas.ts';
import type { ReadTypeNode } from './type-nodes.ts';
import type { SchemaReader } from './value-schemas/index.ts';

/** What a call to a data access library works on. */
export interface ModelCall {
  /** Its name in the sources, for ranking. */
  readonly name: string;
  readonly row: JsonSchema;
  readonly verb: 'read' | 'write' | 'delete';
  /** What the call gives back; `{}` where that is a count or unknown. */
  readonly result: JsonSchema;
}

const WRITES =
  /^(?:create|createOne|createAndSave|insert|insertOne|insertGraph|insertAndFetch|insertInto|save|saveOrFail|build|update|updateOne|updateMany|updateTable|upsert|upsertGraph|patch|patchAndFetch|patchAndFetchById|updateAndFetchById|findByIdAndUpdate|findOneAndUpdate|findOneAndReplace|replaceOne|persist|persistAndFlush|bulkCreate|insertMany|createMany|createManyAndReturn|findOrCreate|increment|decrement|restore|softDelete)$/;
const DELETES =
  /^(?:delete|deleteOne|deleteMany|deleteFrom|deleteById|del|destroy|remove|findByIdAndDelete|findByIdAndRemove|findOneAndDelete|findOneAndRemove|removeAndFlush|truncate)$/;
/** What teams add to their models: `createWithLines`, `saveAndNotify`, `deleteByOwner`. */
const OWN_WRITES =
  /^(?:create|insert|save|update|upsert|findOrCreate|patch|restore)(?:With|From|In|And|Or|By|Many|One|For)[A-Z]\w*$/;
const OWN_DELETES = /^(?:delete|destroy|remove|softDelete)(?:With|From|In|And|By|Many|One|For)[A-Z]\w*$/;
const READS =
  /^(?:findUnique|findUniqueOrThrow|findFirst|findFirstOrThrow|findMany|findOne|findOneBy|findOneOrFail|findOneByOrFail|findById|findByPk|findAll|find|first|preload|merge|get|select|selectFrom|findAndCountAll)$/;
const GIVES_ROW =
  /^(?:create|createOne|save|saveOrFail|build|upsert|update|delete|patchAndFetch|patchAndFetchById|updateAndFetchById|insertAndFetch|insertGraph|findByIdAndUpdate|findOneAndUpdate|findOneAndReplace|findByIdAndDelete|findByIdAndRemove|findOneAndDelete|findOneAndRemove|findUnique|findUniqueOrThrow|findFirst|findFirstOrThrow|findOne|findOneBy|findOneOrFail|findOneByOrFail|findById|findByPk|first|preload|merge|persist|executeTakeFirst|executeTakeFirstOrThrow|reload|throwIfNotFound)$/;
const GIVES_ROWS =
  /^(?:findMany|findAll|find|bulkCreate|insertMany|createManyAndReturn|returning|returningAll|\$returningId)$/;
/** What teams add to their models that gives one row. */
const GIVES_ONE = /^(?:by|get|find|fetch|load|create|make)(?!All|Many|Count|List)(?:[A-Z]\w*)?$/;
/** Types that hold a model: `Repository<Order>`. */
const HOLDER =
  /^(?:\w*Repository|Model|ModelStatic|ModelCtor|ModelType|ReturnModelType|PaginateModel|SoftDeleteModel|Collection|EntityManager|InjectModel)$/;
const TABLE_BUILDER = /^(?:knex|db|trx|tx|t|database|pg|conn|connection|transaction|k|dbClient)$/i;

interface Context {
  readonly checker: ts.TypeChecker;
  readonly entities: Entities;
  readonly reader: SchemaReader;
  readonly inquiry: Inquiry;
  readonly readTypeNode: ReadTypeNode;
  schemaOfClass(node: ts.ClassDeclaration): JsonSchema;
}

interface Subject {
  readonly name: string;
  readonly row: JsonSchema;
}

/** Tells calls of the usual data access libraries from others, by the model, table or repository they are made on. */
export function createModelCalls(context: Context): (call: ts.CallExpression) => ModelCall | null {
  const { checker, entities, reader, inquiry, readTypeNode } = context;

  const modelCall = (call: ts.CallExpression): ModelCall | null => {
    const chain = chainOf(call);
    const names = chain.map((step) => step.name);
    const verb = names.some((name) => WRITES.test(name) || OWN_WRITES.test(name))
      ? 'write'
      : names.some((name) => DELETES.test(name) || OWN_DELETES.test(name))
        ? 'delete'
        : names.some((name) => READS.test(name))
          ? 'read'
          : null;
    const table = tableOf(chain);
    if (verb === null && table === null) return null;
    const subject = table ?? modelOf(chain);
    if (subject === null) return null;
    return { ...subject, verb: verb ?? 'read', result: resultOf(chain, subject.row, table !== null) };
  };

  /** `knex('orders')`, `db.insert(orders)`, `db.insertInto('orders')`, `collection('orders')` */
  const tableOf = (chain: readonly Link[]): Subject | null => {
    for (const { name, call, owner } of chain) {
      const [first] = call.arguments;
      if (first === undefined) continue;
      const text = ts.isStringLiteralLike(first) ? first.text : null;
      const isBuilder =
        owner === null
          ? TABLE_BUILDER.test(name)
          : /^(?:from|into|table|insertInto|updateTable|deleteFrom|selectFrom|collection)$/.test(name);
      if (text !== null && isBuilder) {
        const row = entityNamed(entities, text.split('.').at(-1)?.split(' ')[0] ?? text);
        if (row !== undefined) return { name: text, row };
      }
      if (owner !== null && text === null && /^(?:insert|update|delete|from)$/.test(name) && isNamed(first)) {
        const row = tableValue(first);
        if (row !== null) return { name: first.getText().split('.').at(-1) ?? '', row };
      }
    }
    return null;
  };

  /** A table of a schema library, such as drizzle's. */
  const tableValue = (node: ts.Expression): JsonSchema | null => {
    const symbol = resolved(ts.isPropertyAccessExpression(node) ? node.name : node);
    const declaration = symbol?.valueDeclaration;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return null;
    const value = inquiry.topLevel(declaration.getSourceFile().fileName, declaration.name.getText());
    if (value?.kind !== 'external' || !value.from.startsWith('drizzle-orm')) return null;
    const schema = reader.schemaOf(value);
    return hasProperties(schema) ? schema : null;
  };

  const resolved = (node: ts.Node): ts.Symbol | undefined => {
    const symbol = checker.getSymbolAtLocation(node);
    return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias
      ? checker.getAliasedSymbol(symbol)
      : symbol;
  };

  /** The model that the first call of a chain is made on. */
  const modelOf = (chain: readonly Link[]): Subject | null => {
    const root = chain.at(-1);
    if (root === undefined || root.owner === null) return null;
    return subjectOf(root.owner, root.call.arguments[0]);
  };

  const subjectOf = (owner: ts.Expression, first?: ts.Expression): Subject | null => {
    const node = ts.isPropertyAccessExpression(owner) ? owner.name : owner;
    if (ts.isNewExpression(owner)) return subjectOf(owner.expression);
    if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) {
      return ts.isCallExpression(owner) ? ofRepositoryCall(owner) : null;
    }
    const name = node.text;
    const declaration = resolved(node)?.valueDeclaration;
    if (declaration !== undefined) {
      const held = heldBy(declaration);
      if (held !== null) return held;
      if (ts.isClassDeclaration(declaration) && isModelClass(declaration)) {
        const className = declaration.name?.text ?? name;
        const own = context.schemaOfClass(declaration);
        const row = hasProperties(own) ? own : entityNamed(entities, className);
        return row === undefined ? null : { name: className, row };
      }
      if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
        const { initializer } = declaration;
        // `const order = await Order.findById(id); … order.save()`
        const made = madeBy(initializer);
        if (made !== null) return made;
        const repository = ts.isCallExpression(initializer) ? ofRepositoryCall(initializer) : null;
        if (repository !== null) return repository;
      }
    }
    // `prisma.order`, `models.Order`, `this.orderModel`, `manager.save(Order, order)`
    if (first !== undefined && /manager|em$|entityManager|dataSource/i.test(name) && ts.isIdentifier(first)) {
      const given = resolved(first)?.valueDeclaration;
      if (given !== undefined && ts.isClassDeclaration(given)) {
        const own = context.schemaOfClass(given);
        if (hasProperties(own)) return { name: first.text, row: own };
      }
    }
    const row = entityNamed(entities, name);
    return row === undefined ? null : { name, row };
  };

  const madeBy = (initializer: ts.Expression): Subject | null => {
    let inner = initializer;
    while (
      ts.isAwaitExpression(inner) ||
      ts.isParenthesizedExpression(inner) ||
      ts.isAsExpression(inner) ||
      ts.isNonNullExpression(inner)
    ) {
      inner = inner.expression;
    }
    if (ts.isNewExpression(inner)) return subjectOf(inner.expression);
    if (!ts.isCallExpression(inner)) return null;
    const made = modelCall(inner);
    if (made !== null && hasProperties(made.result) && made.result.type === 'object') {
      return { name: made.name, row: made.row };
    }
    // `const order = await Order.byNumber(number)`
    const { expression: callee } = inner;
    const isOfModel = ts.isPropertyAccessExpression(callee) && GIVES_ONE.test(callee.name.text);
    return isOfModel && isClassLike(callee.expression) ? subjectOf(callee.expression) : null;
  };

  /** `dataSource.getRepository(Order)`, `connection.model('Order')` */
  const ofRepositoryCall = (call: ts.CallExpression): Subject | null => {
    const callee = call.expression;
    const method = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
    const [first] = call.arguments;
    if (first === undefined || !/^(?:get\w*Repository|getModel\w*|model|getModelForClass|repo)$/.test(method))
      return null;
    const name = ts.isStringLiteralLike(first) ? first.text : isNamed(first) ? first.getText() : '';
    const declaration = ts.isIdentifier(first) ? resolved(first)?.valueDeclaration : undefined;
    const own =
      declaration !== undefined && ts.isClassDeclaration(declaration)
        ? context.schemaOfClass(declaration)
        : ANYTHING;
    if (hasProperties(own)) return { name, row: own };
    const row = entityNamed(entities, name);
    return row === undefined ? null : { name, row };
  };

  /** `private readonly orders: Repository<Order>` */
  const heldBy = (declaration: ts.Declaration): Subject | null => {
    const isTyped =
      ts.isParameter(declaration) ||
      ts.isPropertyDeclaration(declaration) ||
      ts.isVariableDeclaration(declaration) ||
      ts.isPropertySignature(declaration);
    if (!isTyped || declaration.type === undefined || !ts.isTypeReferenceNode(declaration.type)) return null;
    const { typeName, typeArguments } = declaration.type;
    const holder = ts.isIdentifier(typeName) ? typeName.text : typeName.right.text;
    const [argument] = typeArguments ?? [];
    if (argument === undefined || !HOLDER.test(holder)) return null;
    const name = argument
      .getText()
      .replace(/^typeof /, '')
      .replace(/Document$/, '');
    const row = readTypeNode(argument);
    const known = entityNamed(entities, name);
    if (hasProperties(row)) return { name, row };
    return known === undefined ? null : { name, row: known };
  };

  return modelCall;
}

interface Link {
  readonly name: string;
  readonly call: ts.CallExpression;
  /** What the method is called on; null for a plain function. */
  readonly owner: ts.Expression | null;
}

/** The calls of a chain, the last first: of `db('orders').where(…).update(…)`: update, where, db. */
function chainOf(call: ts.CallExpression): Link[] {
  const links: Link[] = [];
  let current: ts.Expression = call;
  while (ts.isCallExpression(current) && links.length < 30) {
    const callee: ts.Expression = current.expression;
    if (!ts.isPropertyAccessExpression(callee)) {
      if (ts.isIdentifier(callee)) links.push({ name: callee.text, call: current, owner: null });
      break;
    }
    links.push({ name: callee.name.text, call: current, owner: callee.expression });
    current = callee.expression;
    while (ts.isParenthesizedExpression(current) || ts.isAwaitExpression(current))
      current = current.expression;
  }
  return links;
}

/** `Order`, `models.Order` */
function isClassLike(node: ts.Expression): boolean {
  const name = ts.isPropertyAccessExpression(node) ? node.name : node;
  return ts.isIdentifier(name) && /^[A-Z]/.test(name.text);
}

function isNamed(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);
}

/** `class Order extends Model`: its statics are queries. */
function isModelClass(node: ts.ClassDeclaration): boolean {
  const bases = node.heritageClauses?.flatMap((clause) => [...clause.types]) ?? [];
  const isMarked = (ts.getDecorators(node) ?? []).some((decorator) =>
    /^@(?:Entity|Table|Schema|modelOptions)\b/.test(decorator.getText()),
  );
  return isMarked || bases.some((base) => /(?:Model|BaseEntity|Entity)$/.test(base.expression.getText()));
}

function resultOf(chain: readonly Link[], row: JsonSchema, isTable: boolean): JsonSchema {
  const rows: JsonSchema = { type: 'array', items: row };
  const names = chain.map((link) => link.name);
  if (names.some((name) => /^(?:select|pluck|count|aggregate|groupBy)$/.test(name) && !isTable))
    return ANYTHING;
  for (const { name, call } of chain) {
    if (name === 'findOrCreate' || name === 'upsertGraph') return rows;
    if (name === 'findAndCountAll') return objectSchema({ count: { type: 'integer' }, rows });
    const isFirst = /^(?:first|executeTakeFirst|executeTakeFirstOrThrow)$/.test(name);
    if (isFirst) return row;
    if (GIVES_ROWS.test(name)) return returned(rows, row, call);
    if (isTable && /^(?:insert|update|del|delete)$/.test(name))
      return call.arguments.length > 1 ? rows : ANYTHING;
    if (GIVES_ROW.test(name)) {
      // Sequelize's `Order.update(values, { where })` counts.
      const isCounting = /^(?:update|delete|destroy)$/.test(name) && call.arguments.length > 1;
      return isCounting ? ANYTHING : row;
    }
  }
  return isTable &&
    !names.some((name) => /^(?:insert|update|del|delete|insertInto|updateTable|deleteFrom)$/.test(name))
    ? rows
    : ANYTHING;
}

/** `returning(['id', 'total'])` */
function returned(rows: JsonSchema, row: JsonSchema, call: ts.CallExpression): JsonSchema {
  const items = call.arguments.flatMap((argument) =>
    ts.isArrayLiteralExpression(argument) ? [...argument.elements] : [argument],
  );
  const names = items.flatMap((item) => (ts.isStringLiteralLike(item) ? [item.text] : []));
  const isAll = names.length !== items.length || names.length === 0 || names.includes('*');
  if (isAll) return rows;
  return {
    type: 'array',
    items: objectSchema(Object.fromEntries(names.map((name) => [name, propertyOf(row, name)]))),
  };
}
