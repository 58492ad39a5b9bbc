// https://knexjs.org/guide/transactions.html
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of a transaction of Knex, with the driver `pg`; typed by shape. Objection hands out the same. */
export interface KnexTx {
  raw(sql: string, bindings: never): PromiseLike<unknown>;
  /** Only transactions have it. */
  isCompleted(): boolean;
}

/** Lets `emit` take a transaction of Knex or Objection. */
export function knexTarget(tx: KnexTx | EmitTarget): EmitTarget {
  return 'raw' in tx ? knexClient(tx) : tx;
}

function knexClient(tx: KnexTx): SqlClient {
  if (!('isCompleted' in tx)) {
    throw new NotInTransactionError('the `trx` of `knex.transaction(async (trx) => …)`');
  }
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      const order = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number) - 1);
      const sql = text.replaceAll('?', '\\?').replaceAll(/\$\d+/g, '?');
      const result = await tx.raw(sql, order.map((index) => values[index]) as never);
      return { rows: rowsOf(result) };
    },
  };
}

function rowsOf(result: unknown): readonly Row[] {
  const isResult = typeof result === 'object' && result !== null && 'rows' in result;
  return isResult && Array.isArray(result.rows) ? result.rows : [];
}
