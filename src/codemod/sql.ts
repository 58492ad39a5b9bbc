import { singular } from '../scan/words.ts';

/** What one SQL statement does, as far as wiring has to know. */
export type SqlStatement = { readonly kind: 'begin' | 'commit' | 'rollback' | 'other' } | SqlWrite;

export interface SqlWrite {
  readonly kind: 'write';
  /** Without schema and quotes. */
  readonly table: string;
  readonly returnsRows: boolean;
  /** Names of the returned columns; null for all of them, or where the list is not plain. */
  readonly columns: readonly string[] | null;
  /** True where a row comes back in any case: an insert of values that cannot be skipped. */
  readonly isRowCertain: boolean;
  /** True where no row is an expected result: `on conflict do nothing`. */
  readonly isSkippable: boolean;
}

const WRITE =
  /\b(insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?((?:"[^"]+"|[\w$]+)(?:\s*\.\s*(?:"[^"]+"|[\w$]+))*)/i;

export function readSql(text: string): SqlStatement {
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
  if (verb === undefined || name === undefined) return { kind: 'other' };
  return {
    kind: 'write',
    table: name.split('.').at(-1)?.trim().replaceAll('"', '').toLowerCase() ?? name,
    returnsRows: /\breturning\b/i.test(sql),
    columns: returnedColumns(sql),
    isRowCertain: /^insert\s+into\b[^]*\bvalues\b/i.test(sql) && !/\bdo\s+nothing\b|\bwhere\b/i.test(sql),
    isSkippable: /\bdo\s+nothing\b/i.test(sql),
  };
}

function returnedColumns(sql: string): readonly string[] | null {
  const list = /\breturning\s+([^()]+?)\s*;?$/i.exec(sql)?.[1]?.split(',');
  const names = list?.map((item) => /^(?:[\w"]+\.|[\w".]+\s+(?:as\s+)?)?"?(\w+)"?$/i.exec(item.trim())?.[1]);
  return names?.every((name) => name !== undefined) === true ? names : null;
}

/** True if the table holds the resource of an event type: `orders` or `shop_order` for `order.created`. */
export function isTableOf(table: string, resource: string): boolean {
  const name = singular(table);
  return name === resource || name.endsWith(`_${resource}`) || resource.endsWith(`_${name}`);
}
