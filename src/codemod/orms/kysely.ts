// https://kysely.dev/docs/examples/transactions/simple-transaction
import { linkNamed, type Chain } from '../chain.ts';
import { ts } from '../../scan/project.ts';
import { declaredName } from '../syntax.ts';
import type { Types } from '../types.ts';
import type { DatabaseCall, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';
import { onOpener, replaced } from './replaced.ts';

type Verb = 'insert' | 'update' | 'delete';

const VERBS: Readonly<Record<string, Verb>> = {
  insertInto: 'insert',
  replaceInto: 'insert',
  mergeInto: 'insert',
  updateTable: 'update',
  deleteFrom: 'delete',
};

/** `db.insertInto('orders').values(order).returningAll().executeTakeFirstOrThrow()` */
function readCall(types: Types, chain: Chain): Reading | null {
  const { head, first, last } = chain;
  const ending = readEnding(types, chain);
  if (ending !== null) return ending;
  if (first.name === null || last.name === null || !/^execute(?:TakeFirst(?:OrThrow)?)?$/.test(last.name)) {
    return null;
  }
  const verb = VERBS[first.name];
  const [table] = first.call.arguments;
  const name = table === undefined ? '' : (types.text(table)?.split(/[\s.]+/)[0] ?? '');
  if ((verb === undefined && first.name !== 'selectFrom') || !isKysely(types, head)) return null;
  const isInTransaction = types.names(head).some((one) => /^(?:Controlled)?Transaction$/.test(one));
  const on = { handle: head.getText(), handleNode: head, isInTransaction };
  const path = last.name === 'execute' ? ['0'] : [];
  if (verb === undefined) return { ...on, effect: { kind: 'other', table: name, rowPath: path } };
  const values = linkNamed(chain, /^values$/)?.call.arguments[0];
  const isMany = values !== undefined && (ts.isArrayLiteralExpression(values) || types.isArray(values));
  const isReturning = linkNamed(chain, /^returning(?:All)?$/) !== null;
  const isSkippable = linkNamed(chain, /^(?:ignore|onConflict)$/) !== null;
  return {
    ...on,
    effect: {
      kind: 'write',
      verb,
      table: name,
      rowPath: isReturning && !isMany ? path : null,
      countPath: isReturning ? undefined : countPathOf(verb, path),
      columns: null,
      isRowCertain: last.name === 'executeTakeFirstOrThrow' || (verb === 'insert' && !isSkippable),
      isSkippable,
    },
  };
}

/** The result of a statement that returns no rows is one that counts them. */
function countPathOf(verb: Verb, path: readonly string[]): readonly string[] | undefined {
  return verb === 'insert' ? undefined : [...path, verb === 'delete' ? 'numDeletedRows' : 'numUpdatedRows'];
}

/** `const trx = await db.startTransaction().execute()` … `await trx.commit().execute()` */
function readEnding(types: Types, { head, first, last, links }: Chain): Reading | null {
  if (links.length < 2 || last.name !== 'execute') return null;
  if (first.name === 'startTransaction' && isKysely(types, head)) {
    const handle = declaredName(last.call);
    return handle === null ? null : { handle, effect: { kind: 'begin' } };
  }
  if (first.name !== 'commit' && first.name !== 'rollback') return null;
  return { handle: head.getText(), effect: { kind: first.name } };
}

function readTransaction(types: Types, { head, first, last }: Chain): OpenedTransaction | null {
  const [callback] = last.call.arguments;
  if (first.name !== 'transaction' || last.name !== 'execute' || callback === undefined) return null;
  return isKysely(types, head) ? { kind: 'callback', callback, handleIndex: 0 } : null;
}

function wrap(_types: Types, { handleNode }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined) return 'it is not plain which database writes';
  return {
    open: `${handleNode.getText()}.transaction().execute(`,
    handle: 'trx',
    bind: (handle) => replaced(handleNode, handle),
    handed: { isPart: false },
  };
}

function isKysely(types: Types, node: ts.Expression): boolean {
  return types.has(node, 'insertInto', 'selectFrom') ?? /(?:^|\.)(?:db|trx|tx|kysely)$/i.test(node.getText());
}

const kysely: Orm = { id: 'kysely', readCall, readTransaction, wrap, unbind: onOpener };
export default kysely;
