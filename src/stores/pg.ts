// https://node-postgres.com/apis/pool
import type { Row, Sql, SqlTransaction } from './postgres/sql.ts';

/** What is used of `pg.Pool`; typed by shape, so any version of pg from 8 on fits. */
export interface PgPool {
  query(text: string, values: unknown[]): Promise<{ rows: Row[] }>;
  connect(): Promise<PgClient>;
}

/** What is used of `pg.PoolClient`. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  /** A client released with an error is closed instead of going back to the pool. */
  release(error?: Error | boolean): void;
}

/** Binds the store to a pool of `pg`. Statements are unnamed: PgBouncer in transaction mode is fine. */
export function pgSql(pool: PgPool): Sql {
  return {
    query: (text, values) => pool.query(text, values),

    async transaction<T>(run: (tx: SqlTransaction) => Promise<T>): Promise<T> {
      const client = await pool.connect();
      client.on('error', ignore);
      let broken: Error | undefined;
      try {
        // Said aloud: the database's default may have been changed to another level.
        await client.query('begin isolation level read committed');
        const result = await run(transactionOf(client));
        await client.query('commit');
        return result;
      } catch (error) {
        broken = await rollBack(client);
        throw error;
      } finally {
        client.off('error', ignore);
        client.release(broken);
      }
    },
  };
}

/**
 * The pool stops listening to a client that it hands out, and a connection that the server ends would take the
 * process with it. The next statement reports it.
 */
function ignore(): void {}

function transactionOf(client: PgClient): SqlTransaction {
  return {
    query: (text, values) => client.query(text, values),
    script: async (text) => {
      await client.query(text);
    },
  };
}

/** Returns the error of the rollback: such a connection is in an unknown state and must not be reused. */
async function rollBack(client: PgClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
