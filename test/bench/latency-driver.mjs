/**
 * Measures how long it takes from the commit to the publisher at about 20 events a second: `node latency-driver.mjs
 * VARIANT COUNT`, see run.mjs. The clock of an event starts when its commit is about to be sent.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWakeUp } from '../../dist/kernel/wake-up.js';
import { openCursorAtHead, openDatabase } from './support/database.mjs';
import { createOrders } from './support/orders.mjs';
import { createRelay, publisherTo } from './support/relay.mjs';

const MEAN_PAUSE_MS = 50;
/** Leases, listeners and connections are to be in place. */
const SETTLE_MS = 1_500;
const [variant, count] = process.argv.slice(2);

const database = await openDatabase();
await openCursorAtHead(database.pool, 'bench');
const sentAt = new Map();
const latencies = [];
const relay = { 'in process': inProcess, 'across processes, by polling': byPolling }[variant] ?? told;
const { onEmitted, stop } = relay();
const orders = await createOrders(database, database.pool, onEmitted);
await pause(SETTLE_MS);
for (let sent = 0; sent < Number(count); sent++) {
  await orders.insertAndEmit((eventId) => sentAt.set(eventId, sharedTime()));
  await pause(MEAN_PAUSE_MS * (0.5 + Math.random()));
}
while (sentAt.size > 0) await pause(20);
process.stdout.write(`${JSON.stringify(latencies)}\n`);
await stop();
await database.close();

function inProcess() {
  const running = createRelay(
    database.store,
    publisherTo((events) =>
      arrived(
        sharedTime(),
        events.map((event) => event.eventId),
      ),
    ),
  );
  running.start();
  return running;
}

function byPolling() {
  return { onEmitted: () => {}, stop: forkRelay('--poll') };
}

function told() {
  const wakeUp = createWakeUp({ notifier: database.store.notifier });
  const stopRelay = forkRelay();
  return {
    onEmitted: wakeUp.outboxSignal.notify,
    async stop() {
      await wakeUp.close();
      await stopRelay();
    },
  };
}

function forkRelay(...flags) {
  const child = fork(new URL('./support/relay-process.mjs', import.meta.url), [
    database.url,
    '--tell',
    ...flags,
  ]);
  child.on('message', ({ at, ids }) => arrived(at, ids));
  return async () => {
    child.disconnect();
    await once(child, 'exit');
  };
}

function arrived(at, eventIds) {
  for (const eventId of eventIds) {
    const startedAt = sentAt.get(eventId);
    if (startedAt !== undefined) latencies.push(Math.max(0, at - startedAt));
    sentAt.delete(eventId);
  }
}

/** Milliseconds of a clock that is the same in all processes. */
function sharedTime() {
  return Number(process.hrtime.bigint()) / 1e6;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
