// https://typeorm.io/docs/advanced-topics/transactions
import { ts } from '../../scan/project.ts';
import { chainOf, lastName, linkNamed, withoutAssertions, type Chain } from '../chain.ts';
import type { Splice } from '../insert.ts';
import { readSql } from '../sql.ts';
import { symbolAt, withoutAlias, type Types } from '../types.ts';
import type { DatabaseCall, Effect, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';
import { onOpener, replaced } from './replaced.ts';

type Verb = 'insert' | 'update' | 'delete';

/** They give the entity back. */
const ENTITY_WRITES: Readonly<Record<string, Verb>> = {
  save: 'update',
  softRemove: 'delete',
  recover: 'update',
};
/** They give counts; what `remove` gives has lost its id. */
const OTHER_WRITES: Readonly<Record<string, Verb>> = {
  insert: 'insert',
  upsert: 'insert',
  update: 'update',
  increment: 'update',
  decrement: 'update',
  restore: 'update',
  delete: 'delete',
  softDelete: 'delete',
  remove: 'delete',
};
const READS = /^(?:findOne|findOneBy|findOneOrFail|findOneByOrFail|preload)$/;
const BUILDERS: Readonly<Record<string, Verb>> = {
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  softDelete: 'delete',
  restore: 'update',
};

/** What writes: a repository, a manager, or an entity itself. */
interface Writer {
  readonly kind: 'repository' | 'manager' | 'entity';
  readonly node: ts.Expression;
  readonly table: string;
  /** The manager or query runner whose transaction it is in; null where it is in none of its own. */
  readonly handle: string | null;
}

/** `this.orders.save(order)`, `manager.save(Order, order)`, `queryRunner.commitTransaction()` */
function readCall(types: Types, chain: Chain): Reading | null {
  const { head, first, last } = chain;
  const ending = readEnding(types, chain);
  if (ending !== null) return ending;
  if (last.name === null) return null;
  if (/^getOne(?:OrFail)?$/.test(last.name)) return readOne(types, chain);
  const builder = linkNamed(chain, /^createQueryBuilder$/);
  if (builder !== null) return readBuilder(types, chain);
  const writer = writerOf(types, chain);
  if (writer === null) return null;
  const on = {
    handle: writer.handle,
    handleNode: writer.node,
    isInTransaction: isInTransaction(types, writer),
  };
  if (last.name === 'query') {
    const [argument] = last.call.arguments;
    const text = argument === undefined ? null : types.text(argument);
    if (text === null) return null;
    const isInsert = /^\s*insert/i.test(text);
    return {
      ...on,
      handle: on.handle ?? head.getText(),
      effect: readSql(text, isInsert ? ['0'] : ['0', '0']),
    };
  }
  const effect = effectOf(types, last.name, last.call, writer);
  return effect === null || first.name === null ? null : { ...on, effect };
}

/** `repository.createQueryBuilder().where(…).getOne()`, whose builder may have a name of its own */
function readOne(types: Types, chain: Chain): Reading | null {
  const made = ts.isIdentifier(chain.head) ? types.initializer(chain.head) : null;
  const origin = made !== null && ts.isCallExpression(made) ? chainOf(made) : chain;
  if (origin === null || linkNamed(origin, /^createQueryBuilder$/) === null) return null;
  const writer = writerOf(types, origin);
  if (writer === null) return null;
  const effect = { kind: 'other', table: writer.table, rowPath: [] } as const;
  return { handle: writer.handle, handleNode: writer.node, effect };
}

function effectOf(types: Types, method: string, call: ts.CallExpression, writer: Writer): Effect | null {
  const [given, second] = call.arguments;
  const isClassFirst = writer.kind === 'manager' && given !== undefined && /^[A-Z]/.test(lastName(given));
  const entity = writer.kind === 'entity' ? writer.node : isClassFirst ? second : given;
  const named = isClassFirst ? lastName(given) : undefined;
  const table = named ?? (writer.table || (entity === undefined ? '' : (types.names(entity)[0] ?? '')));
  if (READS.test(method)) return { kind: 'other', table, rowPath: [] };
  const verb = ENTITY_WRITES[method] ?? OTHER_WRITES[method];
  if (verb === undefined) return null;
  const isOne = ENTITY_WRITES[method] !== undefined && entity !== undefined && !isMany(types, entity);
  const isVariable = isOne && ts.isIdentifier(entity);
  return {
    kind: 'write',
    verb,
    mayInsert: method === 'save',
    table,
    rowPath: isOne ? [] : null,
    countPath: /^(?:delete|softDelete|update)$/.test(method) ? ['affected'] : undefined,
    instance: isVariable ? entity : undefined,
    spoiled: method === 'remove' ? entity : undefined,
    columns: entity === undefined ? null : columnsOf(entity),
    isRowCertain: isOne,
    isSkippable: false,
  };
}

/** Of `save({ id, title })`, which changes these and gives no others back. */
function columnsOf(entity: ts.Expression): readonly string[] | null {
  if (!ts.isObjectLiteralExpression(entity) || entity.properties.some(ts.isSpreadAssignment)) return null;
  const names = entity.properties.flatMap(({ name }) => name?.getText() ?? []);
  return names.includes('id') ? names : null;
}

function isMany(types: Types, node: ts.Expression): boolean {
  return ts.isArrayLiteralExpression(node) || types.isArray(node);
}

/** `repository.createQueryBuilder().update().set(…).where(…).execute()` */
function readBuilder(types: Types, chain: Chain): Reading | null {
  const link = linkNamed(chain, /^(?:insert|update|delete|softDelete|restore)$/);
  const verb = link?.name == null ? undefined : BUILDERS[link.name];
  if (verb === undefined || chain.last.name !== 'execute') return null;
  const writer = writerOf(types, chain);
  if (writer === null) return null;
  const into = linkNamed(chain, /^(?:into|from)$/)?.call.arguments[0] ?? link?.call.arguments[0];
  const named = into === undefined || !/^[A-Z]/.test(lastName(into)) ? undefined : lastName(into);
  return {
    handle: writer.handle,
    handleNode: writer.node,
    isInTransaction: isInTransaction(types, writer),
    effect: {
      kind: 'write',
      verb,
      table: named ?? writer.table,
      rowPath: null,
      countPath: verb === 'insert' ? undefined : ['affected'],
      columns: null,
      isRowCertain: false,
      isSkippable: false,
    },
  };
}

function writerOf(types: Types, { head, first, links }: Chain): Writer | null {
  const node = withoutAssertions(head);
  if (first.name === 'getRepository' || first.name === 'withRepository') {
    const [entity] = first.call.arguments;
    if (links.length < 2 || (!isManager(types, node) && !isDataSource(types, node))) return null;
    const table =
      entity === undefined
        ? ''
        : first.name === 'getRepository'
          ? lastName(entity)
          : (types.argumentName(entity) ?? '');
    return { kind: 'repository', node, table, handle: handleOf(types, node) };
  }
  if (isRepository(types, node)) {
    const given = types.initializer(node);
    const origin = given === null ? null : repositoryOrigin(given);
    const handle = origin === null ? null : handleOf(types, origin);
    return { kind: 'repository', node, table: tableOf(types, node), handle };
  }
  if (isManager(types, node)) return { kind: 'manager', node, table: '', handle: handleOf(types, node) };
  if (isDataSource(types, node)) return { kind: 'manager', node, table: '', handle: null };
  if (types.has(node, 'softRemove', 'recover', 'hasId') === true) {
    return { kind: 'entity', node, table: types.names(node)[0] ?? '', handle: null };
  }
  return null;
}

/** `manager` of `manager.getRepository(Order)` */
function repositoryOrigin(node: ts.Expression): ts.Expression | null {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const { name, expression } = node.expression;
  return /^(?:getRepository|withRepository|getCustomRepository)$/.test(name.text) ? expression : null;
}

/** A manager of a query runner stands for the runner, whose transaction it is. */
function handleOf(types: Types, node: ts.Expression): string | null {
  const given = ts.isIdentifier(node) ? types.initializer(node) : null;
  for (const one of [node, ...(given === null ? [] : [given])]) {
    const isMember = ts.isPropertyAccessExpression(one) && one.name.text === 'manager';
    if (isMember && isRunner(types, one.expression)) return one.expression.getText();
    if (isMember && isDataSource(types, one.expression)) return null;
  }
  const isRoot = ts.isPropertyAccessExpression(node) || isDataSource(types, node);
  // `this.entityManager` is injected, and in no transaction.
  return isRoot ? null : node.getText();
}

/** A manager that came as a parameter may be in a transaction or not: only the caller knows. */
function isInTransaction(types: Types, { handle, node, kind }: Writer): boolean | undefined {
  if (handle === null || kind === 'entity') return undefined;
  return types.has(node, 'isTransactionActive') === true ? true : undefined;
}

function readEnding(types: Types, { head, last, links }: Chain): Reading | null {
  if (links.length > 1 || last.name === null) return null;
  const kind = {
    startTransaction: 'begin',
    commitTransaction: 'commit',
    rollbackTransaction: 'rollback',
  } as const;
  if (!(last.name in kind) || !isRunner(types, head)) return null;
  return { handle: head.getText(), effect: { kind: kind[last.name as keyof typeof kind] } };
}

/** `dataSource.transaction(async (manager) => …)`, with an isolation level before it or not */
function readTransaction(types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  const callback = last.call.arguments.at(-1);
  const isIt = last.name === 'transaction' && links.length === 1;
  if (!isIt || callback === undefined || (!isManager(types, head) && !isDataSource(types, head))) return null;
  return { kind: 'callback', callback, handleIndex: 0 };
}

function wrap(types: Types, call: DatabaseCall): Wrapping | string {
  const { handleNode } = call;
  if (handleNode === undefined) return 'it is not plain which repository writes';
  const text = handleNode.getText();
  if (isRepository(types, handleNode)) {
    const isOld = isBefore03(types);
    const entity = isOld ? plainEntity(types, handleNode) : null;
    if (isOld && entity === null) return 'TypeORM 0.2 has no withRepository';
    const repository = entity === null ? `withRepository(${text})` : `getRepository(${entity})`;
    return {
      open: `${text}.manager.transaction(`,
      handle: 'manager',
      bind: (handle) => replaced(handleNode, `${handle}.${repository}`),
    };
  }
  const isSource = isDataSource(types, handleNode);
  if (!isSource && !isManager(types, handleNode)) return 'an entity that saves itself takes no transaction';
  if (isSource && !isOfSource(call)) {
    return 'it is not plain which repository writes';
  }
  return {
    open: `${text}.transaction(`,
    handle: 'manager',
    bind: (handle) => replaced(handleNode, handle),
  };
}

function isBefore03(types: Types): boolean {
  return /^\D*0\.[0-2](?:\D|$)/.test(types.packageVersion('typeorm') ?? '');
}

/** `Order` of `Repository<Order>`, where that class is known by its name there, and the repository has no methods of its own. */
function plainEntity({ checker }: Types, node: ts.Expression): string | null {
  const type = checker.getTypeAtLocation(node);
  if ((type.flags & ts.TypeFlags.Any) !== 0) return writtenEntity(checker, node);
  if (type.symbol?.name !== 'Repository') return null;
  const entity = checker.getTypeArguments(type as ts.TypeReference)[0]?.symbol;
  if (entity === undefined) return null;
  const named = checker.resolveName(entity.name, node, ts.SymbolFlags.Value, false);
  return named !== undefined && withoutAlias(checker, named) === entity ? entity.name : null;
}

/** The same where TypeORM is not installed, or hides its types: as the member or variable is declared. */
function writtenEntity(checker: ts.TypeChecker, node: ts.Expression): string | null {
  const declaration = symbolAt(checker, node)?.valueDeclaration;
  const isTyped =
    declaration !== undefined &&
    (ts.isPropertyDeclaration(declaration) ||
      ts.isParameter(declaration) ||
      ts.isVariableDeclaration(declaration));
  const name = /^Repository<(\w+)>$/.exec((isTyped ? declaration.type?.getText() : undefined) ?? '')?.[1];
  const isKnown =
    name !== undefined && checker.resolveName(name, node, ts.SymbolFlags.Value, false) !== undefined;
  return isKnown ? name : null;
}

/** A data source has no `save`; only its repositories and queries are the manager's too. */
function isOfSource({ node }: DatabaseCall): boolean {
  return /\.(?:getRepository|query)\(|createQueryBuilder\(/.test(node.getText());
}

/** `manager.withRepository(this.orders)` becomes `this.orders` again. */
function unbind(types: Types, write: DatabaseCall, opener: ts.Expression): readonly Splice[] | null {
  const handed = ts.isCallExpression(write.node) ? chainOf(write.node)?.first : undefined;
  const ofEntity = handed?.name === 'getRepository' ? repositoryOf(types, opener, handed.call) : null;
  if (handed !== undefined && ofEntity !== null) return replaced(handed.call, ofEntity);
  if (handed?.name !== 'withRepository') {
    return isDataSource(types, opener) && !isOfSource(write) ? null : onOpener(types, write, opener);
  }
  const [repository, second] = handed.call.arguments;
  const isIt =
    repository !== undefined &&
    second === undefined &&
    opener.getText() === `${repository.getText()}.manager`;
  return isIt ? replaced(handed.call, repository.getText()) : null;
}

/** `this.orders` of `this.orders.manager`, if that is what `manager.getRepository(Order)` stands for. */
function repositoryOf(
  types: Types,
  opener: ts.Expression,
  { arguments: [entity] }: ts.CallExpression,
): string | null {
  if (!ts.isPropertyAccessExpression(opener) || opener.name.text !== 'manager') return null;
  const owner = opener.expression;
  const isIt = isRepository(types, owner) && entity?.getText() === plainEntity(types, owner);
  return isIt ? owner.getText() : null;
}

/** `Order` of `Repository<Order>` */
function tableOf(types: Types, node: ts.Expression): string {
  const text = node.getText().split('.').at(-1) ?? '';
  return (
    types.argumentName(node) ??
    writtenEntity(types.checker, node) ??
    text.replace(/(?:Repository|Repo)$/i, '')
  );
}

function isRepository(types: Types, node: ts.Expression): boolean {
  const known = types.has(node, 'createQueryBuilder', 'metadata', 'target', 'save');
  return known ?? /(?:Repository|Repo)$/.test(node.getText());
}

function isManager(types: Types, node: ts.Expression): boolean {
  return types.has(node, 'getRepository', 'transaction', 'save') ?? /manager$/i.test(node.getText());
}

function isDataSource(types: Types, node: ts.Expression): boolean {
  const known = types.has(node, 'createQueryRunner', 'getRepository', 'manager');
  return known ?? /(?:dataSource|connection)$/i.test(node.getText());
}

function isRunner(types: Types, node: ts.Expression): boolean {
  return types.has(node, 'startTransaction', 'commitTransaction') ?? /runner$/i.test(node.getText());
}

const typeorm: Orm = { id: 'typeorm', readCall, readTransaction, wrap, unbind };
export default typeorm;
