/**
 * Measures what an event costs the transaction that emits it: `node emit-driver.mjs CONCURRENCY ROUNDS`, see run.mjs.
 * One process, slices of 0.3 s in turn, since the cost is a fraction of what a busy machine adds and takes; a relay
 * runs in a process of its own all the time, and has caught up before the next slice begins.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Pool } from 'pg';
import { createEmitter } from '../../dist/kernel/emit.js';
import { openDatabase } from './support/database.mjs';
import { interleave } from './support/measure.mjs';
import { createOrder, registry } from './support/payload.mjs';

const SLICE_MS = 300;
const [concurrency, rounds] = process.argv.slice(2).map(Number);

const INSERT_ORDER =
  'insert into orders (id, customer_id, total, currency, note) values ($1, $2, $3, $4, $5)';
const order = createOrder();

const database = await openDatabase();
await database.pool.query(
  `create table if not exists orders (id uuid primary key, customer_id uuid not null, total numeric not null,
                                      currency text not null, note text)`,
);
const relay = fork(new URL('./support/relay-process.mjs', import.meta.url), [database.url]);
const pool = new Pool({ connectionString: database.url, max: concurrency });
const events = createEmitter({ registry, store: database.store, source: '/orders-api', onInvalid: 'throw' });

const variants = {
  'a transaction': () => inTransaction(insertOrder),
  'a transaction with an event': () =>
    inTransaction(async (client) => {
      const id = await insertOrder(client);
      await events.emit(client, 'order.created', { subject: id, data: { ...order, orderId: id } });
    }),
};

for (const run of Object.values(variants)) await slice(run);
const rates = await interleave(Object.keys(variants), rounds, async (name) => {
  const rate = await slice(variants[name]);
  await caughtUp();
  return rate;
});
process.stdout.write(`${JSON.stringify(rates)}\n`);
relay.disconnect();
await once(relay, 'exit');
await pool.end();
await database.close();

async function insertOrder(client) {
  const id = randomUUID();
  await client.query(INSERT_ORDER, [id, order.customerId, order.total, order.currency, 'n']);
  return id;
}

async function inTransaction(run) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await run(client);
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** Transactions a second. */
async function slice(run) {
  let done = 0;
  const startedAt = performance.now();
  const worker = async () => {
    while (performance.now() - startedAt < SLICE_MS) {
      await run();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (done * 1000) / (performance.now() - startedAt);
}

async function caughtUp() {
  for (;;) {
    const { rows } = await database.pool.query(
      `select (select count(*) from evtgen.events) = (select position from evtgen.log_head) as is_stamped,
              (select position from evtgen.cursors where reader = 'bench') = (select position from evtgen.log_head)
                as is_read`,
    );
    if (rows[0].is_stamped && rows[0].is_read) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
