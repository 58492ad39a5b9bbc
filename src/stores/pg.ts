// https://node-postgres.com/apis/pool
import { createHash } from 'node:crypto';
import { LIMIT_IDLE_TIME } from './postgres/sql.ts';
import type { Row, Sql, SqlClient, SqlTransaction } from './postgres/sql.ts';

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

/** What is used of `pg.Client`, for a connection beside the pool. */
export interface PgListeningClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  on(event: 'notification', listener: (message: { payload?: string | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  end(): Promise<void>;
}

export interface PgSqlOptions {
  /**
   * Makes a client that listens for what other processes do, e.g. `() => new Client(pool.options)`: events are
   * seen milliseconds after their commit instead of at the next poll. Without it nothing is lost but that time.
   */
  readonly createListeningClient?: (() => PgListeningClient) | undefined;
}

/** Binds the store to a pool of `pg`. Statements are unnamed: PgBouncer in transaction mode is fine. */
export function pgSql(pool: PgPool, options: PgSqlOptions = {}): Sql {
  const { createListeningClient } = options;
  return {
    listen:
      createListeningClient === undefined
        ? undefined
        : (channel, onNotify, onLost) => listenWith(createListeningClient(), channel, onNotify, onLost),

    query: (text, values) => pool.query(text, values),

    transaction<T>(run: (tx: SqlTransaction) => Promise<T>): Promise<T> {
      // Said aloud: the database's default may have been changed to another level.
      const begin = `begin isolation level read committed; ${LIMIT_IDLE_TIME}`;
      return transact(
        () => pool.connect(),
        begin,
        (client) => run(transactionOf(client)),
      );
    },
  };
}

/** Runs work between `begin` and the commit, on a client that nobody else has; what it throws rolls all of it back. */
export async function transact<Client extends PgClient, Result>(
  connect: () => Promise<Client>,
  begin: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect();
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = await rollBack(client);
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

/** What is used of a client or pool of `pg` that runs named statements. */
export interface PgPreparing {
  query(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: Row[] }>;
}

/**
 * A transaction's client, or the pool for a single statement, to hand to `emit`: `events.emit(pgPrepared(client), …)`.
 * Statements are named, so that each connection parses and plans them once. A pooler in transaction mode has to know
 * them: PgBouncer does from 1.21 on, where `max_prepared_statements` is above 0.
 */
export function pgPrepared(client: PgPreparing): SqlClient {
  return { query: (text, values) => client.query({ name: statementName(text), text, values }) };
}

const MAX_STATEMENT_NAMES = 1_000;
const statementNames = new Map<string, string>();

/** PostgreSQL keeps 63 bytes of a name, and two texts must not share one. */
function statementName(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = `evtgen_${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
  if (statementNames.size >= MAX_STATEMENT_NAMES) statementNames.clear();
  statementNames.set(text, name);
  return name;
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

async function listenWith(
  client: PgListeningClient,
  channel: string,
  onNotify: (payload: string) => void,
  onLost: () => void,
): Promise<() => Promise<void>> {
  client.on('notification', (message) => onNotify(message.payload ?? ''));
  // The end follows every error, and without a listener the error would end the process.
  client.on('error', ignore);
  client.on('end', onLost);
  const end = (): Promise<void> => client.end();
  try {
    await client.connect();
    await client.query(`listen "${channel}"`);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
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
