// https://github.com/porsager/postgres#queries-with-sqlunsafe
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import { LIMIT_IDLE_TIME } from './postgres/sql.ts';
import type { Row, Sql, SqlClient, SqlTransaction } from './postgres/sql.ts';

/** What is used of a handle of postgres.js: the client, a transaction or a savepoint; typed by shape. */
export interface PostgresJsHandle {
  unsafe(
    text: string,
    values?: unknown[],
    options?: { prepare?: boolean | undefined },
  ): PromiseLike<readonly Row[]>;
}

/** What is used of the `sql` that `sql.begin(async (sql) => …)` or a savepoint hands out. */
export interface PostgresJsTransaction extends PostgresJsHandle {
  /** The client itself has none. */
  savepoint(run: never): unknown;
}

/** What is used of the client that `postgres()` returns. */
export interface PostgresJs extends PostgresJsHandle {
  begin(options: string, run: (tx: PostgresJsHandle) => Promise<unknown>): Promise<unknown>;
  listen(channel: string, onNotify: (payload: string) => void): PromiseLike<{ unlisten(): Promise<unknown> }>;
}

/**
 * Binds the store to a client of postgres.js. Statements are unnamed whatever the client is set to: each is
 * planned for its values, and PgBouncer in transaction mode is fine.
 */
export function postgresJsSql(client: PostgresJs): Sql {
  return {
    ...clientOf(client, false),

    async transaction<T>(run: (tx: SqlTransaction) => Promise<T>): Promise<T> {
      const results: T[] = [];
      // Said aloud: the database's default may have been changed to another level.
      await client.begin('isolation level read committed', async (tx) => {
        await tx.unsafe(LIMIT_IDLE_TIME);
        results.push(await run(transactionOf(tx)));
      });
      return results[0] as T;
    },

    // It comes back by itself when the connection was lost.
    async listen(channel, onNotify): Promise<() => Promise<void>> {
      const { unlisten } = await client.listen(channel, onNotify);
      return async () => {
        await unlisten();
      };
    },
  };
}

/**
 * The transaction to hand to `emit`: `sql.begin(async (tx) => { … await events.emit(postgresJsTx(tx), …) })`.
 * Statements are named where the client's own setting `prepare` is on: one round trip instead of two.
 */
export function postgresJsTx(tx: PostgresJsHandle): SqlClient {
  return clientOf(tx, true);
}

/** Lets `emit` take a transaction or savepoint as it is: `sql.begin(async (sql) => { … await events.emit(sql, …) })`. */
export function postgresJsTarget(tx: PostgresJsTransaction | EmitTarget): EmitTarget {
  if (!('unsafe' in tx)) return tx;
  if (!('savepoint' in tx)) throw new NotInTransactionError('the `sql` of `sql.begin(async (sql) => …)`');
  return postgresJsTx(tx);
}

function clientOf(handle: PostgresJsHandle, isPrepared: boolean): SqlClient {
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      return { rows: untransformed(await handle.unsafe(text, values, { prepare: isPrepared })) };
    },
  };
}

function transactionOf(tx: PostgresJsHandle): SqlTransaction {
  return {
    ...clientOf(tx, false),
    script: async (text) => {
      await tx.unsafe(text);
    },
  };
}

/** A client with `transform: postgres.camel` renames columns in every result, and those here are snake_case. */
function untransformed(rows: readonly Row[]): readonly Row[] {
  const first = rows[0];
  if (first === undefined || Object.keys(first).every(isSnakeCase)) return rows;
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [snakeCase(name), value])),
  );
}

function isSnakeCase(name: string): boolean {
  return /^[a-z0-9_?]+$/.test(name);
}

/** From camelCase, PascalCase and kebab-case. */
function snakeCase(name: string): string {
  return name
    .replaceAll('-', '_')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/^_/, '');
}
