// https://vincit.github.io/objection.js/guide/transactions.html
import { ts } from '../../scan/project.ts';
import { linkNamed, withoutAssertions, type Chain } from '../chain.ts';
import type { Splice } from '../insert.ts';
import { declaredName } from '../syntax.ts';
import type { Types } from '../types.ts';
import type { DatabaseCall, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';

const INSERTS = /^(?:insert|insertAndFetch|insertGraph|insertGraphAndFetch)$/;
const UPDATES =
  /^(?:patch|patchAndFetch|patchAndFetchById|update|updateAndFetch|updateAndFetchById|upsertGraph|upsertGraphAndFetch|increment|decrement)$/;
const DELETES = /^(?:delete|deleteById)$/;
/** They give the row itself. */
const GIVING =
  /^(?:insert|insertAndFetch|insertGraph|insertGraphAndFetch|patchAndFetch|patchAndFetchById|updateAndFetch|updateAndFetchById|upsertGraph|upsertGraphAndFetch)$/;
/** They take the row for granted, or throw. */
const CERTAIN = /^(?:insert|insertAndFetch|insertGraph|insertGraphAndFetch|upsertGraph|upsertGraphAndFetch)$/;

/** `Order.query(trx).insert(order)`, `order.$query().patch(values)` */
function readCall(types: Types, chain: Chain): Reading | null {
  const { head, first, last } = chain;
  const isInstance = first.name === '$query';
  if (last.name === 'startTransaction' && isModel(types, head, false)) {
    const handle = declaredName(last.call);
    return handle === null ? null : { handle, effect: { kind: 'begin' } };
  }
  if ((first.name !== 'query' && !isInstance) || !isModel(types, head, isInstance)) return null;
  const [trx] = first.call.arguments;
  const on = {
    handle: trx?.getText() ?? null,
    handleNode: first.call,
    isInTransaction: trx === undefined ? undefined : types.has(trx, 'isCompleted') === true,
  };
  const table = isInstance ? (types.names(head)[0] ?? '') : head.getText();
  const link = linkNamed(chain, INSERTS) ?? linkNamed(chain, UPDATES) ?? linkNamed(chain, DELETES);
  if (link?.name == null) {
    const isOne = linkNamed(chain, /^(?:first|findById|findOne)$/) !== null;
    return { ...on, effect: { kind: 'other', table, rowPath: isOne ? [] : ['0'] } };
  }
  const verb = INSERTS.test(link.name) ? 'insert' : UPDATES.test(link.name) ? 'update' : 'delete';
  const returning = linkNamed(chain, /^returning$/) !== null;
  const [values] = link.call.arguments;
  const isMany = values !== undefined && (ts.isArrayLiteralExpression(values) || types.isArray(values));
  const isOne = GIVING.test(link.name) || (returning && last.name === 'first');
  const isChecked = linkNamed(chain, /^throwIfNotFound$/) !== null;
  return {
    ...on,
    effect: {
      kind: 'write',
      verb,
      table,
      rowPath: isMany ? null : isOne ? [] : returning ? ['0'] : null,
      countPath: !isOne && !returning && verb !== 'insert' ? [] : undefined,
      instance: isInstance && ts.isIdentifier(head) ? head : undefined,
      columns: null,
      isRowCertain: CERTAIN.test(link.name) || isChecked,
      isSkippable: linkNamed(chain, /^ignore$/) !== null,
    },
  };
}

/** `Order.transaction(async (trx) => …)`, `transaction(Order.knex(), async (trx) => …)` */
function readTransaction(types: Types, { head, first, last, links }: Chain): OpenedTransaction | null {
  const { call, name } = last;
  const callback = call.arguments.at(-1);
  if (callback === undefined || !ts.isFunctionLike(callback)) return null;
  // `order.$knex().transaction(…)`
  const isOfInstance = links.length === 2 && first.name === '$knex' && name === 'transaction';
  if (isOfInstance) return { kind: 'callback', callback, handleIndex: 0 };
  if (links.length > 1) return null;
  const isOfModel = name === 'transaction' && isModel(types, head, false);
  const isFunction = name === null && head.getText() === 'transaction' && call.arguments.length === 2;
  return isOfModel || isFunction ? { kind: 'callback', callback, handleIndex: 0 } : null;
}

function wrap(_types: Types, { handleNode, node }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined || !ts.isCallExpression(handleNode))
    return 'it is not plain which model writes';
  const query = handleNode;
  const callee = withoutAssertions(query.expression);
  if (!ts.isPropertyAccessExpression(callee)) return 'it is not plain which model writes';
  const owner = callee.expression.getText();
  const isInstance = callee.name.text === '$query';
  if (isInstance && !node.getText().startsWith(owner)) return 'it is not plain which model writes';
  return {
    open: `${owner}.${isInstance ? '$knex().' : ''}transaction(`,
    handle: 'trx',
    bind: (handle) => [{ position: query.end - 1, text: handle }],
  };
}

/** `Order.query(trx)` becomes `Order.query()` again. */
function unbind(
  _types: Types,
  { handleNode }: DatabaseCall,
  opener: ts.Expression,
): readonly Splice[] | null {
  if (handleNode === undefined || !ts.isCallExpression(handleNode)) return null;
  const [trx, second] = handleNode.arguments;
  const callee = withoutAssertions(handleNode.expression);
  if (trx === undefined || second !== undefined || !ts.isPropertyAccessExpression(callee)) return null;
  const owner = callee.expression.getText();
  const isOfOwner = [owner, `${owner}.$knex()`].includes(opener.getText());
  return isOfOwner ? [{ position: trx.getStart(), removed: trx.end - trx.getStart(), text: '' }] : null;
}

function isModel(types: Types, node: ts.Expression, isInstance: boolean): boolean {
  const known = isInstance
    ? types.has(node, '$query', '$relatedQuery')
    : types.has(node, 'query', 'relatedQuery', 'fromJson');
  return known ?? (isInstance || /^[A-Z]|Model$/.test(node.getText()));
}

const objection: Orm = { id: 'objection', readCall, readTransaction, wrap, unbind };
export default objection;
