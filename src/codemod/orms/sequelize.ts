// https://sequelize.org/docs/v6/other-topics/transactions/
import { ts } from '../../scan/project.ts';
import { propertyOf, withoutAssertions, type Chain } from '../chain.ts';
import type { Splice } from '../insert.ts';
import { readSql } from '../sql.ts';
import { declaredName, isTypeScript } from '../syntax.ts';
import type { Types } from '../types.ts';
import type { DatabaseCall, Effect, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';

type Verb = 'insert' | 'update' | 'delete';

interface Method {
  readonly verb: Verb;
  /** Where the options go. */
  readonly options: number;
  readonly rowPath: readonly string[] | null;
  readonly count?: readonly string[];
}

const STATICS: Readonly<Record<string, Method>> = {
  create: { verb: 'insert', options: 1, rowPath: [] },
  bulkCreate: { verb: 'insert', options: 1, rowPath: null },
  upsert: { verb: 'insert', options: 1, rowPath: ['0'] },
  // An event only where there was none, which the wiring cannot tell.
  findOrCreate: { verb: 'insert', options: 0, rowPath: null },
  update: { verb: 'update', options: 1, rowPath: null, count: ['0'] },
  increment: { verb: 'update', options: 1, rowPath: null },
  decrement: { verb: 'update', options: 1, rowPath: null },
  restore: { verb: 'update', options: 0, rowPath: null },
  destroy: { verb: 'delete', options: 0, rowPath: null, count: [] },
};
const INSTANCES: Readonly<Record<string, Method>> = {
  save: { verb: 'update', options: 0, rowPath: [] },
  update: { verb: 'update', options: 1, rowPath: [] },
  increment: { verb: 'update', options: 1, rowPath: null },
  decrement: { verb: 'update', options: 1, rowPath: null },
  restore: { verb: 'update', options: 0, rowPath: null },
  destroy: { verb: 'delete', options: 0, rowPath: null },
  // What sequelize-typescript has for rows that belong to it.
  $set: { verb: 'update', options: 2, rowPath: null },
  $add: { verb: 'update', options: 2, rowPath: null },
  $remove: { verb: 'update', options: 2, rowPath: null },
  $create: { verb: 'update', options: 2, rowPath: null },
};
const READS = /^(?:findByPk|findOne)$/;

/** `Order.create(values, { transaction })`, `order.save()`, `t.commit()` */
function readCall(types: Types, chain: Chain): Reading | null {
  const { head, links, last } = chain;
  const ending = readEnding(types, chain);
  if (ending !== null) return ending;
  if (last.name === null) return null;
  const owner = withoutAssertions(head);
  if (last.name === 'query' && isSequelize(types, owner)) return readQuery(types, chain);
  // `Order.scope('own').create(…)` and `Order.unscoped()` are the model all the same.
  const isScoped = links.slice(0, -1).every(({ name }) => name !== null && /^(?:scope|unscoped)$/.test(name));
  if (!isScoped) return null;
  const kind = modelKind(types, owner, last.name);
  if (kind === null) return null;
  const { call } = last;
  const table = kind === 'instance' ? instanceTable(types, owner) : staticTable(types, owner);
  if (kind === 'static' && READS.test(last.name)) {
    return { handle: null, effect: { kind: 'other', table, rowPath: [] } };
  }
  const method = (kind === 'static' ? STATICS : INSTANCES)[last.name];
  if (method === undefined) return null;
  const options = call.arguments[method.options];
  const transaction = propertyOf(options, 'transaction');
  // The second of what comes back are the rows then, of which there may be none.
  const isReturning =
    kind === 'static' && last.name === 'update' && propertyOf(options, 'returning')?.getText() === 'true';
  const isInstance = kind === 'instance' && ts.isIdentifier(owner);
  const effect: Effect = {
    kind: 'write',
    verb: method.verb,
    mayInsert: last.name === 'save' && isMadeHere(types, owner),
    table,
    rowPath: isReturning ? ['1', '0'] : method.rowPath,
    countPath: kind === 'static' ? method.count : undefined,
    instance: isInstance ? owner : undefined,
    columns: null,
    isRowCertain: !isReturning,
    isSkippable: false,
  };
  // Options made elsewhere may hold a transaction.
  const isHidden = options !== undefined && !isPlainObject(options);
  const handle = transaction?.getText() ?? null;
  const isInTransaction =
    isHidden || (transaction !== null && types.has(transaction, 'afterCommit') !== false);
  return {
    handle: handle ?? (isHidden ? givenTransaction(types, options) : null),
    handleNode: owner,
    isInTransaction,
    effect,
  };
}

/** `ctx.context.transaction` of `order.destroy(ctx.context)`, where the type says that it is there. */
function givenTransaction(types: Types, options: ts.Expression): string | null {
  if (!ts.isIdentifier(options) && !ts.isPropertyAccessExpression(options)) return null;
  const { checker } = types;
  const property = checker.getPropertyOfType(checker.getTypeAtLocation(options), 'transaction');
  const type = property === undefined ? null : checker.getTypeOfSymbol(property);
  const isThere =
    type !== null && (type.flags & ts.TypeFlags.Any) === 0 && checker.getNonNullableType(type) === type;
  return isThere ? `${options.getText()}.transaction` : null;
}

function readQuery(types: Types, { last }: Chain): Reading | null {
  const [argument, options] = last.call.arguments;
  const text = argument === undefined ? null : types.text(argument);
  if (text === null) return null;
  const handle = propertyOf(options, 'transaction')?.getText() ?? null;
  return { handle, isInTransaction: handle !== null, effect: readSql(text, ['0', '0']) };
}

/** `const t = await sequelize.transaction()` … `await t.commit()` */
function readEnding(types: Types, { head, last, links }: Chain): Reading | null {
  if (links.length > 1) return null;
  const { name, call } = last;
  if (name === 'transaction' && isSequelize(types, head) && call.arguments.every((one) => !isFunction(one))) {
    const handle = declaredName(call);
    return handle === null ? null : { handle, effect: { kind: 'begin' } };
  }
  if (name !== 'commit' && name !== 'rollback') return null;
  const isTransaction = types.has(head, 'afterCommit') ?? /^(?:t|trx|tx|transaction)$/i.test(head.getText());
  return isTransaction ? { handle: head.getText(), effect: { kind: name } } : null;
}

function readTransaction(types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  const callback = last.call.arguments.at(-1);
  const isIt = last.name === 'transaction' && links.length === 1 && isSequelize(types, head);
  if (!isIt || callback === undefined || ts.isObjectLiteralExpression(callback)) return null;
  return { kind: 'callback', callback, handleIndex: 0 };
}

function wrap(types: Types, { handleNode, node }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined || !ts.isCallExpression(node)) return 'it is not plain which model writes';
  const owner = handleNode.getText();
  const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : '';
  const isInstance = modelKind(types, handleNode, name) === 'instance';
  const method = (isInstance ? INSTANCES : STATICS)[name];
  if (method === undefined) return 'it is not plain which model writes';
  if (node.arguments.length < method.options) return 'it is not plain where the transaction is to be given';
  const isAsserted = !isInstance && isTypeScript(node.getSourceFile());
  return {
    open: `${owner}.sequelize${isAsserted ? '!' : ''}.transaction(`,
    handle: 'transaction',
    bind: (handle) => withTransaction(node, method.options, handle),
  };
}

/** The transaction among the options of a call. */
function withTransaction(call: ts.CallExpression, index: number, handle: string): Splice[] {
  const property = handle === 'transaction' ? handle : `transaction: ${handle}`;
  const options = call.arguments[index];
  if (options === undefined) {
    const before = call.arguments.at(-1);
    const list = call.arguments;
    // After the last argument, before its trailing comma.
    const position = before?.end ?? call.end - 1;
    return [{ position, text: `${list.length === 0 ? '' : ', '}{ ${property} }` }];
  }
  if (!ts.isObjectLiteralExpression(options)) return [];
  const last = options.properties.at(-1);
  if (last === undefined) return [{ position: options.getStart() + 1, text: ` ${property} ` }];
  const { text } = options.getSourceFile();
  const line = text.slice(text.lastIndexOf('\n', last.getStart() - 1) + 1, last.getStart());
  const isOwnLine = /^[ \t]*$/.test(line);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return [{ position: last.end, text: isOwnLine ? `,${eol}${line}${property}` : `, ${property}` }];
}

/** Takes the transaction from among the options of a write, and the options where they hold nothing else. */
function unbind(
  _types: Types,
  { handleNode, node }: DatabaseCall,
  opener: ts.Expression,
): readonly Splice[] | null {
  const owner = handleNode?.getText() ?? '';
  const isOfOwner = [`${owner}.sequelize`, `${owner}.sequelize!`].includes(opener.getText());
  if (!isOfOwner || !ts.isCallExpression(node)) return null;
  const options = node.arguments.at(-1);
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return null;
  const index = options.properties.findIndex(({ name }) => name?.getText() === 'transaction');
  const [property, before] = [options.properties[index], options.properties[index - 1]];
  if (property === undefined || property !== options.properties.at(-1)) return null;
  const from = before?.end ?? node.arguments.at(-2)?.end ?? options.getStart();
  const to = before === undefined ? options.end : property.end;
  return [{ position: from, removed: to - from, text: '' }];
}

function modelKind(types: Types, node: ts.Expression, method: string): 'static' | 'instance' | null {
  const isStatic = types.has(node, 'findByPk', 'bulkCreate', 'sequelize');
  if (isStatic === true) return 'static';
  const isInstance = types.has(node, 'getDataValue', 'destroy', 'sequelize');
  if (isInstance === true) return 'instance';
  if (isStatic === false || isInstance === false) return null;
  // Models of a registry have no type: `app.db.models.Order.create(…)`.
  const name = node.getText();
  if (/(?:^|\.)models?\.[A-Z]\w*$/.test(name)) return 'static';
  const made = ts.isIdentifier(node) ? types.initializer(node) : null;
  const isLoaded =
    made !== null &&
    /^(?:await\s+)?[\w.]*\bmodels?\.[A-Z]\w*\.(?:create|findOne|findByPk|by\w+)\(/.test(made.getText());
  return isLoaded && INSTANCES[method] !== undefined ? 'instance' : null;
}

/** By the class that is injected as something else: `private readonly orderRepo: typeof Order`. */
function staticTable(types: Types, node: ts.Expression): string {
  const written = node.getText().split('.').at(-1) ?? '';
  return /^[A-Z]/.test(written) ? written : (types.className(node) ?? written);
}

/** `const order = new Order()`, `Order.build(…)` */
function isMadeHere(types: Types, node: ts.Expression): boolean {
  const made = ts.isIdentifier(node) ? types.initializer(node) : null;
  return made !== null && (ts.isNewExpression(made) || /\.build\(/.test(made.getText()));
}

function instanceTable(types: Types, node: ts.Expression): string {
  const made = ts.isIdentifier(node) ? types.initializer(node) : null;
  const registered = made === null ? undefined : /\bmodels?\.([A-Z]\w*)\./.exec(made.getText())?.[1];
  return registered ?? types.names(node)[0] ?? '';
}

function isSequelize(types: Types, node: ts.Expression): boolean {
  return types.has(node, 'authenticate', 'define', 'transaction') ?? /sequelize!?$/i.test(node.getText());
}

function isPlainObject(node: ts.Expression): boolean {
  return ts.isObjectLiteralExpression(node) && !node.properties.some(ts.isSpreadAssignment);
}

function isFunction(node: ts.Expression): boolean {
  return ts.isFunctionLike(node) || ts.isIdentifier(node);
}

// https://sequelize.org/docs/v6/other-topics/hooks/#hooks-and-transactions
const HOOKS: Orm['hooks'] = {
  insert: /(?:before|after)(?:Create|Save|Upsert|BulkCreate)/i,
  update: /(?:before|after)(?:Update|Save|BulkUpdate)/i,
  delete: /(?:before|after)(?:Destroy|BulkDestroy)/i,
};

const sequelize: Orm = { id: 'sequelize', readCall, readTransaction, wrap, unbind, hooks: HOOKS };
export default sequelize;
