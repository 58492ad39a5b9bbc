/** A relay in a process of its own, as the worker entry of an application: `node relay-process.mjs DATABASE_URL`. */
import { Pool } from 'pg';
import { pgSql } from '../../../dist/stores/pg.js';
import { createEventStore } from '../../../dist/stores/postgres/event-store.js';
import { createRelay, publisherTo } from './relay.mjs';

const pool = new Pool({ connectionString: process.argv[2], max: 10 });
const relay = createRelay(createEventStore(pgSql(pool)), publisherTo(tell));
relay.start();
process.once('disconnect', async () => {
  await relay.stop();
  await pool.end();
});

/** The parent learns what was published and when, by the clock that all processes share. */
function tell(events) {
  if (process.argv[3] !== 'tell') return;
  const at = Number(process.hrtime.bigint()) / 1e6;
  process.send(events.map(({ eventId }) => ({ eventId, at })));
}
