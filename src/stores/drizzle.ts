// https://orm.drizzle.team/docs/transactions
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of the `tx` that `db.transaction(async (tx) => …)` hands out, with any driver; typed by shape. */
export interface DrizzleTx {
  execute(query: never): PromiseLike<unknown>;
  /** The database itself has none. */
  rollback(): never;
}

/** What is used of `sql`, the tag of drizzle-orm. */
export type DrizzleSql = (strings: TemplateStringsArray, ...values: unknown[]) => unknown;

/** Lets `emit` take a transaction of Drizzle. */
export function drizzleTarget(sql: DrizzleSql): (tx: DrizzleTx | EmitTarget) => EmitTarget {
  return (tx) => ('execute' in tx ? drizzleClient(sql, tx) : tx);
}

function drizzleClient(sql: DrizzleSql, tx: DrizzleTx): SqlClient {
  if (!('rollback' in tx)) {
    throw new NotInTransactionError('the `tx` of `db.transaction(async (tx) => …)`');
  }
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      const result = await tx.execute(statement(sql, text, values) as never);
      return { rows: rowsOf(result) };
    },
  };
}

/** As a template would be written: it is Drizzle that numbers the placeholders. */
function statement(sql: DrizzleSql, text: string, values: readonly unknown[]): unknown {
  const parts = text.split(/\$\d+/);
  const order = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number) - 1);
  return sql(Object.assign(parts, { raw: parts }), ...order.map((index) => values[index]));
}

/** Some drivers give the rows, others a result that holds them. */
function rowsOf(result: unknown): readonly Row[] {
  if (Array.isArray(result)) return result;
  const isResult = typeof result === 'object' && result !== null && 'rows' in result;
  return isResult && Array.isArray(result.rows) ? result.rows : [];
}
