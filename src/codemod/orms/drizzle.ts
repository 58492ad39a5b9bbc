// https://orm.drizzle.team/docs/transactions
import { ts } from '../../scan/project.ts';
import { lastName, linkNamed, type Chain } from '../chain.ts';
import { readSql } from '../sql.ts';
import { templateText, type Types } from '../types.ts';
import type { DatabaseCall, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';
import { onOpener, replaced } from './replaced.ts';

const VERBS: Readonly<Record<string, 'insert' | 'update' | 'delete'>> = {
  insert: 'insert',
  update: 'update',
  delete: 'delete',
};

/** `db.insert(orders).values(order).returning()`, `` db.execute(sql`update …`) `` */
function readCall(types: Types, chain: Chain): Reading | null {
  const { head, first, last } = chain;
  const [argument] = first.call.arguments;
  if (first.name !== null && /^select(?:Distinct(?:On)?)?$/.test(first.name)) return readSelect(types, chain);
  if (argument === undefined || first.name === null) return null;
  if (first.name === 'execute' && ts.isTaggedTemplateExpression(argument)) {
    if (!isDatabase(types, head)) return null;
    const written = readSql(templateText(argument.template), ['rows', '0']);
    // What the result looks like is the driver's matter.
    const effect = written.kind === 'write' ? { ...written, rowPath: null } : written;
    return { ...on(types, head), effect };
  }
  const verb = VERBS[first.name];
  const isQuery = verb === undefined || (first === last && verb !== 'delete');
  if (isQuery) return readFind(types, chain);
  if (!isDatabase(types, head) || !isTable(types, argument)) return null;
  const values = linkNamed(chain, /^values$/)?.call.arguments[0];
  const returning = linkNamed(chain, /^returning$/);
  const isMany = values !== undefined && (ts.isArrayLiteralExpression(values) || types.isArray(values));
  const isSkippable = linkNamed(chain, /^onConflictDoNothing$/) !== null;
  return {
    ...on(types, head),
    effect: {
      kind: 'write',
      verb,
      table: lastName(argument),
      rowPath: returning === null || isMany ? null : ['0'],
      countPath: returning === null && verb === 'delete' ? countOf(types, last.call) : undefined,
      columns: null,
      isRowCertain: verb === 'insert' && !isSkippable && linkNamed(chain, /^select$/) === null,
      isSkippable,
    },
  };
}

/** What the driver calls the number of rows. */
function countOf({ checker, packageVersion }: Types, call: ts.CallExpression): readonly string[] | undefined {
  const result = checker.getAwaitedType(checker.getTypeAtLocation(call));
  const name = ['rowCount', 'rowsAffected', 'count'].find(
    (one) => result !== undefined && checker.getPropertyOfType(result, one) !== undefined,
  );
  if (name !== undefined) return [name];
  // Where nothing is installed, the driver is known by its name.
  const isUnknown = result === undefined || (result.flags & ts.TypeFlags.Any) !== 0;
  const [isPg, isPostgresJs] = ['pg', 'postgres'].map((driver) => packageVersion(driver) !== null);
  return !isUnknown || isPg === isPostgresJs ? undefined : [isPg === true ? 'rowCount' : 'count'];
}

/** `db.select().from(orders)`: what it gives back may be of several tables. */
function readSelect(types: Types, chain: Chain): Reading | null {
  const { head } = chain;
  const table = linkNamed(chain, /^from$/)?.call.arguments[0];
  if (table === undefined || !isDatabase(types, head)) return null;
  return { ...on(types, head), effect: { kind: 'other', table: lastName(table), rowPath: null } };
}

/** `db.query.orders.findFirst(…)` */
function readFind(types: Types, { head, last, links }: Chain): Reading | null {
  const isFind = last.name === 'findFirst' || last.name === 'findMany';
  if (links.length > 1 || !isFind || !ts.isPropertyAccessExpression(head)) return null;
  const { expression: query } = head;
  if (!ts.isPropertyAccessExpression(query) || query.name.text !== 'query') return null;
  if (!isDatabase(types, query.expression)) return null;
  const rowPath = last.name === 'findFirst' ? [] : null;
  return { ...on(types, query.expression), effect: { kind: 'other', table: head.name.text, rowPath } };
}

function readTransaction(types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  const [callback] = last.call.arguments;
  const isIt = last.name === 'transaction' && links.length === 1 && isDatabase(types, head);
  if (!isIt || callback === undefined) return null;
  if (isForeign(types, head)) return { kind: 'opaque', reason: NOT_POSTGRES };
  return { kind: 'callback', callback, handleIndex: 0 };
}

const NOT_POSTGRES = 'the database is not PostgreSQL, where the events are';

/** A database that the transactions of the events are not of. */
function isForeign(types: Types, database: ts.Expression): boolean {
  return types.names(database).some((name) => /sqlite|libsql|mysql|singlestore|d1database/i.test(name));
}

function wrap(types: Types, { handleNode }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined) return 'it is not plain which database writes';
  if (isForeign(types, handleNode)) return NOT_POSTGRES;
  return {
    open: `${handleNode.getText()}.transaction(`,
    handle: 'tx',
    bind: (handle) => replaced(handleNode, handle),
    handed: { isPart: true },
  };
}

function on(types: Types, head: ts.Expression): Pick<Reading, 'handle' | 'handleNode' | 'isInTransaction'> {
  return { handle: head.getText(), handleNode: head, isInTransaction: types.has(head, 'rollback') === true };
}

function isDatabase(types: Types, node: ts.Expression): boolean {
  return (
    types.has(node, 'insert', 'select', 'transaction') ??
    /(?:^|\.)(?:db|tx|trx|database|drizzle)$/i.test(node.getText())
  );
}

/** Not the condition of another library's `delete`. */
function isTable(types: Types, node: ts.Expression): boolean {
  const isReference = ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);
  return isReference && types.has(node, '$inferInsert') !== false;
}

const drizzle: Orm = { id: 'drizzle', readCall, readTransaction, wrap, unbind: onOpener };
export default drizzle;
