/**
 * A relay in a process of its own, as the worker entry of an application: `node relay-process.mjs DATABASE_URL
 * [--tell] [--poll]`. With --tell it tells its parent what it published and when, by the clock that all processes
 * share; with --poll nobody wakes it.
 */
import { Pool } from 'pg';
import { createEventStore } from '../../../dist/stores/postgres/event-store.js';
import { bindPool } from './database.mjs';
import { createRelay, publisherTo } from './relay.mjs';

const [url, ...flags] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, max: 10 });
const publisher = publisherTo((events) => {
  if (flags.includes('--tell')) process.send({ at: sharedTime(), ids: events.map((event) => event.eventId) });
});
const relay = createRelay(createEventStore(bindPool(pool)), publisher, { isTold: !flags.includes('--poll') });
relay.start();
process.once('disconnect', async () => {
  await relay.stop();
  await pool.end();
});

/** Milliseconds. */
function sharedTime() {
  return Number(process.hrtime.bigint()) / 1e6;
}
