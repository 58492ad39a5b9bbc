import type { Row, SqlClient } from './sql.ts';

/** One statement that is a transaction by itself, with the event that `emit` adds to it. */
export interface SingleStatement {
  readonly client: SqlClient;
  readonly text: string;
  readonly values: readonly unknown[];
  /** What the statement returned, once its event was emitted. */
  rows: readonly Row[];
}

/** What an event may be emitted in: an open transaction, or a statement that needs none. */
export type EmitTarget = SqlClient | SingleStatement;

/**
 * A change that is one statement needs no transaction around it to have its event: handed to `emit` instead of one,
 * it runs together with the insert of the event, in one round trip and one commit. When it changes no row there is
 * no event either, and `emit` answers `unchanged`.
 *
 *     const insert = singleStatement(pool, 'insert into orders (id, total) values ($1, $2) returning id', [id, total]);
 *     await events.emit(insert, 'order.created', { subject: id, data: order });
 *     insert.rows;
 *
 * An `eventId` that is taken fails the whole statement.
 *
 * @param text insert, update or delete with `returning`, without a semicolon; its placeholders are `$1`, `$2` …
 */
export function singleStatement(
  client: SqlClient,
  text: string,
  values: readonly unknown[] = [],
): SingleStatement {
  return { client, text, values, rows: [] };
}

/** How rows are written into a table. */
export interface RowInsert {
  /** The insert of one row. */
  readonly text: string;
  /** The same within a statement that has `before` placeholders already. */
  readonly textAfter: (before: number) => string;
}

/** @param columns with their types, which nothing else tells to a placeholder in a select */
export function rowInsert(
  table: string,
  columns: readonly (readonly [name: string, type: string])[],
  onConflict: string = '',
): RowInsert {
  const into = `insert into ${table} (${columns.map(([name]) => name).join(', ')})`;
  const values = columns.map(([, type], index) => {
    // Some clients send text in the binary form of whatever type the server expects, and a time has another one.
    return type === 'timestamptz' ? `$${index + 1}::text::timestamptz` : `$${index + 1}`;
  });
  return {
    text: `${into} values (${values.join(', ')}) ${onConflict}`,
    textAfter(before): string {
      const typed = columns.map(([, type], index) => `$${before + index + 1}::${type}`).join(', ');
      return `${into} select ${typed} where exists (select from change) ${onConflict}`;
    },
  };
}

/** Writes a row; false when it had to go with a single statement and that changed nothing. */
export async function insertRow(tx: EmitTarget, insert: RowInsert, values: unknown[]): Promise<boolean> {
  if ('query' in tx) {
    await tx.query(insert.text, values);
    return true;
  }
  const { rows } = await tx.client.query(
    `with change as (${tx.text}), event as (${insert.textAfter(tx.values.length)}) select * from change`,
    [...tx.values, ...values],
  );
  tx.rows = rows;
  return rows.length > 0;
}
