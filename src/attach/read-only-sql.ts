import type { Sql } from '../stores/postgres/sql.ts';

/**
 * The same database, where the server refuses every write. It is said to each transaction: what is said to a session
 * as it begins is refused by PgBouncer, and later it would go on with whoever gets that session next.
 */
export function readOnlySql(sql: Sql): Sql {
  const transaction: Sql['transaction'] = (run) =>
    sql.transaction(async (tx) => {
      await tx.query('set transaction read only', []);
      return run(tx);
    });
  return { ...sql, transaction, query: (text, values) => transaction((tx) => tx.query(text, values)) };
}
