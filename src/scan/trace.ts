import { ts, type TypedView } from './project.ts';
import type { JsonSchema } from './report.ts';
import {
  ANYTHING,
  hasProperties,
  isKnown,
  itemOf,
  merge,
  objectSchema,
  propertyOf,
  without,
} from './schemas.ts';
import { parseSqlWrite, type SqlWrite } from './sql.ts';
import { schemaOfType } from './type-schema.ts';

/** How many calls deep a value is followed to where it comes from. */
const MAX_CALLS = 5;
/** Methods that give back what they are called on, as far as JSON goes. */
const SAME_VALUE = new Set([
  'toJSON',
  'toObject',
  'lean',
  'exec',
  'filter',
  'sort',
  'reverse',
  'slice',
  'returning',
]);

/** Tables and models of the project, by lower-case name. */
export type Entities = ReadonlyMap<string, JsonSchema>;

export interface Tracer {
  /** Schema of what an expression evaluates to; `{}` where neither its type nor its origin tells. */
  schemaOf(expression: ts.Expression): JsonSchema;
  /** The function that a call runs, when it is the project's. */
  calledFunction(call: ts.CallExpression): ts.FunctionLikeDeclaration | null;
}

/**
 * Infers schemas from types and, where the types are not there because dependencies are not installed, from where a
 * value comes from: the row type given to a query, the columns of its SQL, the returns of a function.
 */
export function createTracer(view: TypedView, entities: Entities): Tracer {
  const { checker } = view;
  const open = new Set<ts.Node>();
  let calls = 0;

  const schemaOf = (node: ts.Expression): JsonSchema => {
    if (open.has(node)) return ANYTHING;
    open.add(node);
    const schema = compute(node);
    open.delete(node);
    return schema;
  };

  const compute = (node: ts.Expression): JsonSchema => {
    if (ts.isParenthesizedExpression(node) || ts.isAwaitExpression(node) || ts.isNonNullExpression(node)) {
      return schemaOf(node.expression);
    }
    if (ts.isObjectLiteralExpression(node)) return objectLiteral(node);
    const typed = schemaOfType(checker, checker.getTypeAtLocation(node));
    if (isKnown(typed) && !isHollow(typed)) return typed;
    const traced = trace(node);
    return isKnown(traced) ? traced : typed;
  };

  const trace = (node: ts.Expression): JsonSchema => {
    if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return schemaOf(node.expression);
    if (ts.isIdentifier(node)) return origin(checker.getSymbolAtLocation(node));
    if (ts.isPropertyAccessExpression(node)) return propertyOf(schemaOf(node.expression), node.name.text);
    if (ts.isElementAccessExpression(node)) {
      const key = node.argumentExpression;
      const owner = schemaOf(node.expression);
      return ts.isStringLiteralLike(key) ? propertyOf(owner, key.text) : itemOf(owner);
    }
    if (ts.isCallExpression(node)) return callResult(node);
    if (ts.isConditionalExpression(node)) return best([node.whenTrue, node.whenFalse]);
    if (ts.isBinaryExpression(node)) {
      const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
      return isAnd ? schemaOf(node.right) : best([node.left, node.right]);
    }
    if (ts.isArrayLiteralExpression(node)) {
      const [first] = node.elements;
      return first === undefined || ts.isSpreadElement(first)
        ? { type: 'array' }
        : { type: 'array', items: schemaOf(first) };
    }
    return ANYTHING;
  };

  const best = (nodes: readonly ts.Expression[]): JsonSchema => {
    const schemas = nodes.map(schemaOf);
    return schemas.find(hasProperties) ?? schemas.find(isKnown) ?? ANYTHING;
  };

  const objectLiteral = (node: ts.ObjectLiteralExpression): JsonSchema => {
    const parts: JsonSchema[] = [];
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) {
        parts.push(spread(property.expression));
        continue;
      }
      const name = property.name;
      if (ts.isComputedPropertyName(name) || ts.isPrivateIdentifier(name)) continue;
      if (ts.isPropertyAssignment(property)) {
        parts.push(objectSchema({ [name.text]: withoutConst(schemaOf(property.initializer)) }));
      } else if (ts.isShorthandPropertyAssignment(property)) {
        const typed = schemaOfType(checker, checker.getTypeAtLocation(property.name));
        const symbol = checker.getShorthandAssignmentValueSymbol(property);
        const schema = isKnown(typed) && !isHollow(typed) ? typed : origin(symbol);
        parts.push(objectSchema({ [name.text]: isKnown(schema) ? schema : typed }));
      }
    }
    return merge(parts);
  };

  /** `...(image ? { image } : {})` adds properties that may be missing. */
  const spread = (node: ts.Expression): JsonSchema => {
    let inner = node;
    while (ts.isParenthesizedExpression(inner)) inner = inner.expression;
    const isConditional = ts.isConditionalExpression(inner) || ts.isBinaryExpression(inner);
    const schema = isConditional ? trace(inner) : schemaOf(inner);
    if (!hasProperties(schema)) return isConditional ? objectSchema({}) : schema;
    return isConditional ? { ...schema, required: [] } : schema;
  };

  const origin = (symbol: ts.Symbol | undefined): JsonSchema => {
    if (symbol === undefined) return ANYTHING;
    const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const declaration = resolved.valueDeclaration;
    if (declaration === undefined) return ANYTHING;
    if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
      return schemaOf(declaration.initializer);
    }
    return ts.isBindingElement(declaration) ? bound(declaration) : ANYTHING;
  };

  const bound = (element: ts.BindingElement): JsonSchema => {
    const pattern = element.parent;
    const holder = pattern.parent;
    const source = ts.isBindingElement(holder)
      ? bound(holder)
      : ts.isVariableDeclaration(holder) && holder.initializer !== undefined
        ? schemaOf(holder.initializer)
        : ANYTHING;
    if (ts.isArrayBindingPattern(pattern)) return itemOf(source);
    if (element.dotDotDotToken !== undefined) {
      return without(
        source,
        pattern.elements.filter((other) => other !== element).map((other) => boundName(other)),
      );
    }
    return propertyOf(source, boundName(element));
  };

  const callResult = (call: ts.CallExpression): JsonSchema => {
    const query = queryResult(call);
    if (query !== null) return query;
    const { expression } = call;
    const method = ts.isPropertyAccessExpression(expression) ? expression.name.text : null;
    if (method !== null && ts.isPropertyAccessExpression(expression)) {
      if (SAME_VALUE.has(method)) return schemaOf(expression.expression);
      const model = modelResult(call, expression);
      if (model !== null) return model;
    }
    if (calls >= MAX_CALLS) return ANYTHING;
    calls += 1;
    const called = calledFunction(call);
    const inCallee = called === null ? ANYTHING : returned(called);
    // `withTransaction(async (client) => …)` gives back what its callback returns.
    const callback = call.arguments.findLast(
      (arg) => ts.isArrowFunction(arg) || ts.isFunctionExpression(arg),
    );
    const result =
      !hasProperties(inCallee) &&
      callback !== undefined &&
      (ts.isArrowFunction(callback) || ts.isFunctionExpression(callback))
        ? returned(callback)
        : inCallee;
    calls -= 1;
    return method === 'map' ? { type: 'array', items: result } : isKnown(result) ? result : inCallee;
  };

  const returned = (node: ts.FunctionLikeDeclaration): JsonSchema => {
    const schemas = returnsOf(node).map(schemaOf);
    return schemas.find(hasProperties) ?? schemas.find(isKnown) ?? ANYTHING;
  };

  /** `client.query<OrderRow>('insert …')`: rows by their type, else by the columns of the SQL. */
  const queryResult = (call: ts.CallExpression): JsonSchema | null => {
    const { expression } = call;
    if (!ts.isPropertyAccessExpression(expression)) return null;
    const name = expression.name.text;
    const [typeNode] = call.typeArguments ?? [];
    const row =
      typeNode === undefined
        ? rowOfSql(call.arguments[0], entities)
        : schemaOfType(checker, checker.getTypeFromTypeNode(typeNode));
    if (row === null || !isKnown(row)) return null;
    if (name === 'query' || name === 'execute') {
      return objectSchema({ rows: { type: 'array', items: row }, rowCount: { type: 'number' } });
    }
    if (/^(?:one|oneOrNone|queryOne|first|get|\$queryRaw|\$queryRawUnsafe)$/.test(name)) return row;
    return /^(?:any|many|manyOrNone|all)$/.test(name) ? { type: 'array', items: row } : null;
  };

  /** `prisma.order.create({ select })` */
  const modelResult = (call: ts.CallExpression, callee: ts.PropertyAccessExpression): JsonSchema | null => {
    if (
      !/^(?:create|update|upsert|delete|findUnique|findFirst|findUniqueOrThrow|findFirstOrThrow)$/.test(
        callee.name.text,
      )
    ) {
      return null;
    }
    if (!ts.isPropertyAccessExpression(callee.expression)) return null;
    const entity = entities.get(callee.expression.name.text.toLowerCase());
    return entity === undefined ? null : selected(entity, call.arguments[0]);
  };

  const calledFunction = (call: ts.CallExpression): ts.FunctionLikeDeclaration | null => {
    const node = ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression;
    const symbol = checker.getSymbolAtLocation(node);
    if (symbol === undefined) return null;
    const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of resolved.declarations ?? []) {
      const found = functionIn(declaration);
      if (found !== null) return found;
    }
    return null;
  };

  return { schemaOf, calledFunction };
}

/** A type that says no more than "object" or "array of anything". */
function isHollow(schema: JsonSchema): boolean {
  if (schema.type === 'array') return schema.items === undefined || !isKnown(schema.items);
  if (schema.type === 'object') return schema.properties === undefined;
  return schema.anyOf?.every(isHollow) ?? false;
}

/** The literal in `{ status: 'paid' }` is one value of many. */
function withoutConst(schema: JsonSchema): JsonSchema {
  if (schema.const === undefined) return schema;
  switch (typeof schema.const) {
    case 'string':
      return { type: 'string' };
    case 'number':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    default:
      return ANYTHING;
  }
}

function boundName(element: ts.BindingElement): string {
  const name = element.propertyName ?? element.name;
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : '';
}

function functionIn(declaration: ts.Declaration): ts.FunctionLikeDeclaration | null {
  if (
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
    declaration.body !== undefined
  ) {
    return declaration;
  }
  const initializer =
    ts.isVariableDeclaration(declaration) ||
    ts.isPropertyAssignment(declaration) ||
    ts.isPropertyDeclaration(declaration)
      ? declaration.initializer
      : undefined;
  if (initializer === undefined) return null;
  return ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer) ? initializer : null;
}

/** What a function returns, without what functions inside it return; later returns first. */
function returnsOf(node: ts.FunctionLikeDeclaration): ts.Expression[] {
  const body = 'body' in node ? node.body : undefined;
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child)) return;
    if (ts.isReturnStatement(child) && child.expression !== undefined) found.unshift(child.expression);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

/** The row that a writing statement returns, or else the columns that it writes. */
export function rowOfSql(argument: ts.Expression | undefined, entities: Entities): JsonSchema | null {
  const write = sqlWriteOf(argument);
  if (write === null || (write.verb === 'delete' && write.returning === null)) return null;
  const table = entities.get(write.table);
  const names = write.returning ?? write.columns;
  if (names.includes('*')) {
    return table ?? objectSchema(columns(write.columns, undefined), [], true);
  }
  return names.length === 0 ? null : objectSchema(columns(names, table));
}

/** The writing statement that an argument of a query spells out. */
export function sqlWriteOf(argument: ts.Expression | undefined): SqlWrite | null {
  const text = argument === undefined ? null : sqlText(argument);
  return text === null ? null : parseSqlWrite(text);
}

function columns(names: readonly string[], table: JsonSchema | undefined): Record<string, JsonSchema> {
  return Object.fromEntries(
    names.map((name) => [name, table === undefined ? ANYTHING : propertyOf(table, name)]),
  );
}

function sqlText(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map((span) => `$0${span.literal.text}`).join('');
  }
  if (ts.isObjectLiteralExpression(node)) {
    const text = node.properties.find((property) => property.name?.getText() === 'text');
    return text !== undefined && ts.isPropertyAssignment(text) ? sqlText(text.initializer) : null;
  }
  return null;
}

/** Prisma's `select` and `include`. */
function selected(entity: JsonSchema, options: ts.Expression | undefined): JsonSchema {
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return entity;
  const option = (name: string): ts.ObjectLiteralExpression | null => {
    const property = options.properties.find((candidate) => candidate.name?.getText() === name);
    if (property === undefined || !ts.isPropertyAssignment(property)) return null;
    return ts.isObjectLiteralExpression(property.initializer) ? property.initializer : null;
  };
  const select = option('select');
  if (select === null) return entity;
  const names = select.properties.map((property) => property.name?.getText() ?? '');
  return objectSchema(columns(names, entity));
}
