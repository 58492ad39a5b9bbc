/**
 * Measures what an event costs the change that emits it: `node emit-driver.mjs CONCURRENCY ROUNDS`, see run.mjs. One
 * process, slices of 0.3 s in turn, since the cost is a fraction of what a busy machine adds and takes. A relay runs
 * in a process of its own all the time, and has caught up before the next slice begins.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Pool } from 'pg';
import { createWakeUp } from '../../dist/kernel/wake-up.js';
import { openCursorAtHead, openDatabase } from './support/database.mjs';
import { interleave } from './support/measure.mjs';
import { createOrders } from './support/orders.mjs';

const SLICE_MS = 300;
/** Until then much of the code still runs interpreted, and on a busy machine slices are short of it. */
const WARM_UP_CHANGES = 3_000;
const [concurrency, rounds] = process.argv.slice(2).map(Number);

const database = await openDatabase();
await openCursorAtHead(database.pool, 'bench');
const relay = fork(new URL('./support/relay-process.mjs', import.meta.url), [database.url]);
const pool = new Pool({ connectionString: database.url, max: concurrency });
const wakeUp = createWakeUp({ notifier: database.store.notifier });
const orders = await createOrders(database, pool, wakeUp.outboxSignal.notify);

const variants = {
  'a transaction': () => orders.insert(),
  'a transaction with an event': () => orders.insertAndEmit(),
  'a transaction with a bare row': () => orders.insertBareRow(),
  'a single statement': () => orders.insertAlone(),
  'a single statement with an event': () => orders.insertAloneAndEmit(),
  'a prepared transaction': () => orders.prepared.insert(),
  'a prepared transaction with an event': () => orders.prepared.insertAndEmit(),
  'a prepared transaction with a bare row': () => orders.prepared.insertBareRow(),
  'a prepared single statement': () => orders.prepared.insertAlone(),
  'a prepared single statement with an event': () => orders.prepared.insertAloneAndEmit(),
};
for (const run of Object.values(variants)) {
  for (let done = 0; done < WARM_UP_CHANGES; done += concurrency) {
    await Promise.all(Array.from({ length: concurrency }, run));
  }
}
const rates = await interleave(Object.keys(variants), rounds, async (name) => {
  await caughtUp();
  return slice(variants[name]);
});
process.stdout.write(`${JSON.stringify(rates)}\n`);
relay.disconnect();
await once(relay, 'exit');
await wakeUp.close();
await pool.end();
await database.close();

/** Changes a second. */
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
      `select (select max(insert_id) from evtgen.events) is not distinct from
                (select max(insert_id) from evtgen.positions) as is_stamped,
              (select position from evtgen.cursors where reader = 'bench') = (select position from evtgen.log_head)
                as is_read`,
    );
    if (rows[0].is_stamped && rows[0].is_read) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
