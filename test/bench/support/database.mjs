import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Pool } from 'pg';
import { pgSql } from '../../../dist/stores/pg.js';
import { createEventStore } from '../../../dist/stores/postgres/event-store.js';
import { applyMigrations, loadMigrations } from '../../../dist/stores/postgres/migrations.js';
import { createWebhookStore } from '../../../dist/stores/postgres/webhook-store.js';

const MIGRATIONS = fileURLToPath(new URL('../../../templates/sql/', import.meta.url));
/** The name of the database that the growth bench fills, see grow.mjs. */
const GROWN = 'evtgen_bench_grown';

/** A migrated database: a new one, or with BENCH_GROWN=1 the one with a long past. */
export async function openDatabase() {
  const isGrown = process.env.BENCH_GROWN === '1';
  return isGrown ? connect(GROWN, async () => {}) : createDatabase(`evtgen_bench_${randomUUID()}`);
}

/** Makes the database of the growth bench, empty. */
export function createGrownDatabase() {
  return createDatabase(GROWN);
}

async function createDatabase(name) {
  await asAdmin(`create database "${name}"`);
  const database = connect(name, () => dropDatabase(name));
  await applyMigrations(database.sql, await loadMigrations(MIGRATIONS));
  return database;
}

/** As the emitted setup does it: other processes are told of new events. */
export function bindPool(pool) {
  return pgSql(pool, { createListeningClient: () => new Client(pool.options) });
}

function connect(name, drop) {
  const url = new URL(process.env.BENCH_POSTGRES_URL);
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href, max: 10 });
  const sql = bindPool(pool);
  return {
    url: url.href,
    pool,
    sql,
    store: { ...createEventStore(sql), ...createWebhookStore(sql) },
    async close() {
      await pool.end();
      await drop();
    },
  };
}

/** Connections take a moment to close, and a client that is cut off instead would take its process with it. */
async function dropDatabase(name) {
  for (let triesLeft = 100; triesLeft > 0; triesLeft--) {
    const isDropped = await asAdmin(`drop database "${name}"`).then(
      () => true,
      () => false,
    );
    if (isDropped) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await asAdmin(`drop database "${name}" with (force)`);
}

async function asAdmin(statement) {
  const client = new Client({ connectionString: process.env.BENCH_POSTGRES_URL });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Events as `emit` writes them, each with its own id, in one statement. */
export async function seedEvents(pool, count, body) {
  await pool.query(
    `insert into evtgen.events (event_id, event_type, version, audience, subject, occurred_at, body)
     select id, 'order.created', 1, 'public', 'order-' || n % 1000, now(), replace($2, $3, id)
       from (select n, gen_random_uuid()::text as id from generate_series(1, $1::int) n) events
      order by n`,
    [count, body, JSON.parse(body).eventId],
  );
  await settle(pool);
}

/** So that no run pays for what was written before it. */
export async function settle(pool) {
  await pool.query('analyze');
  await pool.query('checkpoint');
}

/** Puts a reader's cursor at the head, as if it had followed the log so far. */
export async function openCursorAtHead(pool, reader) {
  await pool.query(
    `insert into evtgen.cursors (reader, position) select $1, position from evtgen.log_head
     on conflict (reader) do update set position = excluded.position`,
    [reader],
  );
}
