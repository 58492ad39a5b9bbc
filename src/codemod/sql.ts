import { singular } from '../scan/words.ts';
import type { Effect } from './orms/orm.ts';

const WRITE =
  /\b(insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?((?:"[^"]+"|[\w$]+)(?:\s*\.\s*(?:"[^"]+"|[\w$]+))*)/i;

const TABLE_READ = /\bfrom\s+(?:"?\w+"?\s*\.\s*)?"?(\w+)"?/i;

/**
 * @param rowPath the steps from what the client gives back to its first row
 * @param countPath those to the number of rows that an update or a deletion has found, where there are any
 */
export function readSql(text: string, rowPath: readonly string[], countPath?: readonly string[]): Effect {
  const sql = text
    .replace(/--[^\n]*/g, ' ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^']|'')*'/g, "''")
    .trim();
  if (/^(begin|start\s+transaction)\b/i.test(sql)) return { kind: 'begin' };
  if (/^(commit|end)\b(?!\s+prepared)/i.test(sql)) return { kind: 'commit' };
  if (/^(rollback|abort)\b(?!\s+to\b)/i.test(sql)) return { kind: 'rollback' };
  // `for update` locks and `on conflict … do update` are no writes of their own.
  const bare = sql.replace(/\b(for\s+(no\s+key\s+)?update|do\s+update)\b/gi, ' ');
  const match = /^(insert|update|delete|merge|with)\b/i.test(bare) ? WRITE.exec(bare) : null;
  const [, verb, name] = match ?? [];
  if (verb === undefined || name === undefined)
    return { kind: 'other', rowPath, table: TABLE_READ.exec(sql)?.[1]?.toLowerCase() };
  const isInsert = /^insert|^merge/i.test(verb);
  return {
    kind: 'write',
    table: tableOf(name),
    verb: isInsert ? 'insert' : /^delete/i.test(verb) ? 'delete' : 'update',
    countPath: isInsert ? undefined : countPath,
    rowPath: /\breturning\b/i.test(sql) ? rowPath : null,
    columns: returnedColumns(sql),
    isRowCertain: /^insert\s+into\b[^]*\bvalues\b/i.test(sql) && !/\bdo\s+nothing\b|\bwhere\b/i.test(sql),
    isSkippable: /\bdo\s+nothing\b/i.test(sql),
  };
}

/** Empty where it is a placeholder. */
function tableOf(name: string): string {
  const table = name.split('.').at(-1)?.trim().replaceAll('"', '').toLowerCase() ?? name;
  return /^\$\d+$/.test(table) ? '' : table;
}

function returnedColumns(sql: string): readonly string[] | null {
  const list = /\breturning\s+([^()]+?)\s*;?$/i.exec(sql)?.[1]?.split(',');
  const names = list?.map((item) => /^(?:[\w"]+\.|[\w".]+\s+(?:as\s+)?)?"?(\w+)"?$/i.exec(item.trim())?.[1]);
  return names?.every((name) => name !== undefined) === true ? names : null;
}

/** True if the table holds the resource of an event type: `orders`, `shop_order` or `OrderEntity` for `order.created`. */
export function isTableOf(table: string, resource: string): boolean {
  const name = singularOf(table);
  if (name === '') return false;
  return name === resource || name.endsWith(`_${resource}`) || resource.endsWith(`_${name}`);
}

/** True if nothing is left to doubt: `orders`, and not `shop_orders`. */
export function isExactTableOf(table: string, resource: string): boolean {
  return singularOf(table) === resource;
}

/** `order_item` of `OrderItemEntity` and `order_items` */
export function singularOf(table: string): string {
  return singular(
    table
      .replace(/(?<=.)(?:Entity|Model|Table|Schema|Repository|Repo)$/, '')
      .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
      .toLowerCase(),
  );
}
