// https://knexjs.org/guide/transactions.html
import { ts } from '../../scan/project.ts';
import { linkNamed, type Chain, type Link } from '../chain.ts';
import { readSql } from '../sql.ts';
import { declaredName } from '../syntax.ts';
import type { Types } from '../types.ts';
import type { DatabaseCall, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';
import { onOpener, replaced } from './replaced.ts';

const WRITES = /^(?:insert|update|del|delete|increment|decrement|upsert)$/;
const NAMES = /(?:^|\.)(?:knex|db|trx|tx|t|database|transaction|conn|connection)$/i;

/** `knex('orders').insert(order).returning('*')`, `knex.raw('update …')`, `trx.commit()` */
function readCall(types: Types, chain: Chain): Reading | null {
  const { head, first, last } = chain;
  const ending = readEnding(types, chain);
  if (ending !== null) return ending;
  const table = tableOf(types, chain);
  if (table === null) return readRaw(types, head, first);
  const link = linkNamed(chain, WRITES);
  const transacting = linkNamed(chain, /^transacting$/)?.call.arguments[0];
  const isInTransaction = transacting !== undefined || types.has(table.builder, 'isCompleted') === true;
  const handle = (transacting ?? table.builder).getText();
  const on = { handle, handleNode: transacting ?? table.builder, isInTransaction };
  if (link === null) {
    const isFirst = last.name === 'first';
    return { ...on, effect: { kind: 'other', table: table.name, rowPath: isFirst ? [] : ['0'] } };
  }
  const verb = /^(?:del|delete)$/.test(link.name ?? '')
    ? 'delete'
    : /^(?:insert|upsert)$/.test(link.name ?? '')
      ? 'insert'
      : 'update';
  const returned = linkNamed(chain, /^returning$/)?.call.arguments[0] ?? secondOf(link);
  const [values] = link.call.arguments;
  const isMany = values !== undefined && (ts.isArrayLiteralExpression(values) || types.isArray(values));
  const isSkippable = linkNamed(chain, /^ignore$/) !== null;
  return {
    ...on,
    effect: {
      kind: 'write',
      verb,
      table: table.name,
      rowPath: returned === undefined || isMany ? null : ['0'],
      countPath: returned === undefined && verb !== 'insert' ? [] : undefined,
      columns: returned === undefined ? null : columnsOf(types, returned),
      isRowCertain: verb === 'insert' && !isSkippable,
      isSkippable,
    },
  };
}

/** `const trx = await knex.transaction()` … `await trx.commit()` */
function readEnding(types: Types, { head, last, links }: Chain): Reading | null {
  if (links.length > 1) return null;
  if (last.name === 'transaction' && last.call.arguments.every((one) => !ts.isFunctionLike(one))) {
    const handle = isKnex(types, head) ? declaredName(last.call) : null;
    return handle === null ? null : { handle, effect: { kind: 'begin' } };
  }
  if (last.name !== 'commit' && last.name !== 'rollback') return null;
  const isTransaction = types.has(head, 'isCompleted') ?? NAMES.test(head.getText());
  return isTransaction ? { handle: head.getText(), effect: { kind: last.name } } : null;
}

function readRaw(types: Types, head: ts.Expression, { name, call }: Link): Reading | null {
  const [argument] = call.arguments;
  if (name !== 'raw' || argument === undefined || !isKnex(types, head)) return null;
  const text = types.text(argument);
  if (text === null) return null;
  const isInTransaction = types.has(head, 'isCompleted') === true;
  return {
    handle: head.getText(),
    handleNode: head,
    isInTransaction,
    effect: readSql(text, ['rows', '0'], ['rowCount']),
  };
}

function tableOf(
  types: Types,
  { head, first, links }: Chain,
): { readonly name: string; readonly builder: ts.Expression } | null {
  const [, second] = links;
  const [argument] = first.call.arguments;
  const callee = first.call.expression;
  const isCalled = first.name === null ? isKnex(types, head) : isKnex(types, callee);
  if (isCalled && second !== undefined && argument !== undefined) {
    return { name: tableName(types, argument), builder: callee };
  }
  const from = links.slice(0, 3).find(({ name }) => name !== null && /^(?:table|from|into)$/.test(name));
  const given = from?.call.arguments[0];
  return given !== undefined && isKnex(types, head) ? { name: tableName(types, given), builder: head } : null;
}

function tableName(types: Types, node: ts.Expression): string {
  const text = types.text(node) ?? node.getText();
  return text.split(/\s+/)[0]?.split('.').at(-1) ?? text;
}

function isKnex(types: Types, node: ts.Expression): boolean {
  if (ts.isFunctionLike(node)) return false;
  return types.has(node, 'raw', 'batchInsert') ?? NAMES.test(node.getText());
}

function secondOf({ call }: Link): ts.Expression | undefined {
  const [values, returned] = call.arguments;
  // `update('name', value)`
  return values !== undefined && ts.isStringLiteralLike(values) ? undefined : returned;
}

function columnsOf(types: Types, node: ts.Expression): readonly string[] | null {
  const items = ts.isArrayLiteralExpression(node) ? [...node.elements] : [node];
  const names = items.map((item) => types.text(item));
  const isPlain = names.every((name): name is string => name !== null && /^\w+$/.test(name));
  return isPlain ? names : null;
}

function readTransaction(types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  const [callback] = last.call.arguments;
  const isIt = last.name === 'transaction' && links.length === 1 && isKnex(types, head);
  // Without a callback it gives the transaction back.
  const isFunction = callback !== undefined && !ts.isObjectLiteralExpression(callback);
  return isIt && isFunction ? { kind: 'callback', callback, handleIndex: 0 } : null;
}

function wrap(_types: Types, { handleNode }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined) return 'it is not plain which connection writes';
  return {
    open: `${handleNode.getText()}.transaction(`,
    handle: 'trx',
    bind: (handle) => replaced(handleNode, handle),
    handed: { isPart: false },
  };
}

const knex: Orm = { id: 'knex', readCall, readTransaction, wrap, unbind: onOpener };
export default knex;
