// https://pglite.dev/docs/api
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Row, Sql, SqlTransaction } from './postgres/sql.ts';

interface PgliteClient {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  exec(text: string): Promise<unknown>;
}

/** What is used of `PGlite`; typed by shape. */
export interface Pglite extends PgliteClient {
  transaction<T>(run: (tx: PgliteClient) => Promise<T>): Promise<T>;
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>;
}

/**
 * Binds the store to a PGlite database. It has one session: transactions run one after the other. It computes on this
 * thread, so what has arrived meanwhile gets its turn before each query, or results could never gather to be written
 * together.
 */
export function pgliteSql(database: Pglite): Sql {
  return {
    async query(text, values) {
      await nextTurn();
      return database.query(text, values);
    },
    transaction: <T>(run: (tx: SqlTransaction) => Promise<T>): Promise<T> =>
      database.transaction((tx) =>
        run({
          query: (text, values) => tx.query(text, values),
          script: async (text) => {
            await tx.exec(text);
          },
        }),
      ),
    listen: (channel, onNotify) => database.listen(channel, onNotify),
  };
}
