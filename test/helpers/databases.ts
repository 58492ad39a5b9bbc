import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client, Pool } from 'pg';
import postgresJs from 'postgres';
import { pgSql } from '../../src/stores/pg.ts';
import { pgliteSql } from '../../src/stores/pglite.ts';
import { postgresJsSql } from '../../src/stores/postgres-js.ts';
import { applyMigrations, loadMigrations } from '../../src/stores/postgres/migrations.ts';
import type { Sql } from '../../src/stores/postgres/sql.ts';
import { repositoryRoot } from './exec.ts';
import { isMissing, pgbouncer, postgres, urlOf } from './services.ts';

type Kind = 'pglite' | 'postgres' | 'postgres.js' | 'pgbouncer';

export interface TestDatabase {
  readonly kind: Kind;
  readonly sql: Sql;
  close(): Promise<void>;
}

/** A database of its own on a real server, for tests that need more than one session. */
export interface PostgresDatabase extends TestDatabase {
  readonly pool: Pool;
  readonly url: string;
  /** A further pool, as another process would have. Closed with the database. */
  connect(connectionString?: string): Pool;
}

export interface DatabaseKind {
  readonly kind: Kind;
  open(): Promise<TestDatabase>;
}

/**
 * For contract suites: `describe.each(databaseKinds)`. PostgreSQL, by each client, takes part when there is a server.
 * With `EVTGEN_TEST_SERVERS_ONLY=1` PGlite does not: its version is always the same.
 */
export const databaseKinds: readonly DatabaseKind[] = [
  ...(process.env['EVTGEN_TEST_SERVERS_ONLY'] === '1' ? [] : [{ kind: 'pglite' as const, open: openPglite }]),
  ...(postgres.url === undefined && process.env['EVTGEN_TEST_REQUIRE_SERVICES'] !== '1'
    ? []
    : [
        { kind: 'postgres' as const, open: () => openPostgres() },
        { kind: 'postgres.js' as const, open: openPostgresJs },
      ]),
];

/** For the core of them: all of these, and PostgreSQL behind PgBouncer in transaction mode. */
export function coreDatabaseKinds(): readonly DatabaseKind[] {
  return isMissing(pgbouncer)
    ? databaseKinds
    : [...databaseKinds, { kind: 'pgbouncer', open: openPgbouncer }];
}

/** A migrated in-memory database. PGlite is one session: whatever needs two takes `openPostgres`. */
export async function openPglite(): Promise<TestDatabase> {
  const database = await PGlite.create({ loadDataDir: new Blob([await migratedSnapshot()]) });
  return { kind: 'pglite', sql: pgliteSql(database), close: () => database.close() };
}

/** A migrated database of its own; dropped by `close`. */
export async function openPostgres(server = urlOf(postgres)): Promise<PostgresDatabase> {
  const name = `evtgen_test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pools: Pool[] = [];
  const connect = (connectionString = url.href): Pool => {
    const pool = new Pool({ connectionString, max: 10 });
    // The last test of a database may drop it under an idle connection.
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const pool = connect();
  const sql = pgSql(pool, { createListeningClient: () => new Client({ connectionString: url.href }) });
  await applyMigrations(sql, await migrations());
  return {
    kind: 'postgres',
    sql,
    pool,
    url: url.href,
    connect,
    async close(): Promise<void> {
      await Promise.all(pools.map((each) => (each.ended ? undefined : each.end())));
      await asAdmin(server, `drop database ${name} with (force)`);
    },
  };
}

async function openPostgresJs(): Promise<TestDatabase> {
  const database = await openPostgres();
  const client = postgresJs(database.url, { max: 10 });
  return {
    kind: 'postgres.js',
    sql: postgresJsSql(client),
    async close(): Promise<void> {
      await client.end();
      await database.close();
    },
  };
}

/** The pooler has fewer connections than there are clients: nothing that belongs to a session survives a transaction. */
export async function openPgbouncer(): Promise<PostgresDatabase> {
  const direct = await openPostgres();
  const url = new URL(urlOf(pgbouncer));
  url.pathname = new URL(direct.url).pathname;
  const connect = (): Pool => direct.connect(url.href);
  const pool = connect();
  const sql = pgSql(pool, { createListeningClient: () => new Client({ connectionString: url.href }) });
  return { ...direct, kind: 'pgbouncer', sql, pool, url: url.href, connect };
}

async function asAdmin(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function migrations(): ReturnType<typeof loadMigrations> {
  return loadMigrations(join(repositoryRoot, 'templates/sql'));
}

let snapshot: Promise<Uint8Array> | undefined;

/** PGlite takes seconds to create a database and a fraction of one to load it, so the result is kept. */
function migratedSnapshot(): Promise<Uint8Array> {
  snapshot ??= loadOrMakeSnapshot();
  return snapshot;
}

async function loadOrMakeSnapshot(): Promise<Uint8Array> {
  const pending = await migrations();
  // The version is pinned exactly.
  const manifest = await readFile(join(repositoryRoot, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  const version = dependencies['@electric-sql/pglite'] ?? '';
  // What applies them keeps a record of its own in the database.
  const runner = await readFile(join(repositoryRoot, 'src/stores/postgres/migrations.ts'), 'utf8');
  const parts = JSON.stringify([version, pending, runner]);
  const key = createHash('sha256').update(parts).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), 'evtgen-test-snapshots');
  const file = join(folder, `${key}.tar`);
  if (existsSync(file)) return readFile(file);

  const database = await PGlite.create();
  await applyMigrations(pgliteSql(database), pending);
  const dump = new Uint8Array(await (await database.dumpDataDir('none')).arrayBuffer());
  await database.close();
  await mkdir(folder, { recursive: true });
  // Written aside and renamed: test files run at the same time.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, dump);
  await rename(draft, file);
  return dump;
}
