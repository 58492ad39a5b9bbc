import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pgSql, type PgListeningClient, type PgPool } from '../stores/pg.ts';
import type { Sql } from '../stores/postgres/sql.ts';
import { EvtgenError, rootMessage } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';
import { readOnlySql } from './read-only-sql.ts';

/** A database that somebody's application has. */
export interface UserDatabase {
  readonly sql: Sql;
  /** Without the password, for messages. */
  readonly place: string;
  close(): Promise<void>;
}

/** What is used of the package `pg`. */
interface Pg {
  readonly Pool: new (
    options: object,
  ) => PgPool & { end(): Promise<void>; on(event: 'error', listener: () => void): unknown };
  readonly Client: new (options: object) => PgListeningClient;
}

const CONNECT_TIMEOUT_MS = 10_000;

export interface OpenOptions {
  /** Makes the server refuse every write. */
  readonly isReadOnly?: boolean;
}

/**
 * Connects by the `pg` of the project in this folder: evtgen brings no client along.
 * @param url true stands for what DATABASE_URL holds
 * @throws EvtgenError `no_database_url`, `invalid_url`, `no_pg`, `database_unreachable`.
 */
export async function openUserDatabase(
  url: string | true,
  terminal: Terminal,
  { isReadOnly = false }: OpenOptions = {},
): Promise<UserDatabase> {
  const connectionString = url === true ? terminal.env['DATABASE_URL'] : url;
  if (connectionString === undefined || connectionString === '') {
    throw new EvtgenError('no_database_url', '--database-url has no value, and DATABASE_URL is not set');
  }
  const place = placeOf(connectionString, url === true ? 'DATABASE_URL' : '--database-url');
  const { Pool, Client } = await loadPg(terminal.cwd);
  const options = {
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'evtgen',
  };
  const pool = new Pool({ ...options, max: 4 });
  // The next statement reports a connection that the server ends; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    await pool.query('select 1', []);
  } catch (error) {
    await pool.end();
    throw new EvtgenError('database_unreachable', `${place} cannot be used: ${rootMessage(error)}`);
  }
  const sql = pgSql(pool, { createListeningClient: () => new Client(options) });
  return {
    sql: isReadOnly ? readOnlySql(sql) : sql,
    place,
    close: () => pool.end(),
  };
}

async function loadPg(folder: string): Promise<Pg> {
  const require = createRequire(join(folder, 'package.json'));
  let path: string;
  try {
    path = require.resolve('pg');
  } catch {
    throw new EvtgenError('no_pg', `the package pg is not installed in ${folder}`, {
      hint: 'evtgen connects by the client of your project: run this in its folder, or npm install pg',
    });
  }
  const module = (await import(pathToFileURL(path).href)) as { readonly default: Pg };
  return module.default;
}

function placeOf(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new EvtgenError('invalid_url', `${from}: expected a URL such as postgres://localhost:5432/shop`);
  }
  return `postgres://${url.host}${url.pathname}`;
}
