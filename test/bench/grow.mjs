import { randomUUID } from 'node:crypto';
import { createGrownDatabase, settle } from './support/database.mjs';
import { DEFAULT_SETTINGS } from '../../dist/kernel/subscriptions.js';
import { createSecretBox } from '../../dist/kernel/secret-box.js';

const EVENTS_PER_STATEMENT = 500_000;
const SUBSCRIPTIONS = 100;

/**
 * A database with a long past: events that all have their position and were delivered long ago, and deliveries that
 * wait for their next attempt. The bodies are short, so that it fits on a small disk; the rows and the indexes count.
 * Gives a function that drops it.
 */
export async function growDatabase({ events, deliveries }) {
  const { pool, store, close } = await createGrownDatabase();
  for (let done = 0; done < events; done += EVENTS_PER_STATEMENT) {
    await pool.query(
      `insert into evtgen.events (event_id, event_type, version, audience, subject, occurred_at, body)
       select gen_random_uuid(), 'order.created', 1, 'public', 'order-' || n % 100000, now() - interval '7 days',
              '{"eventType":"order.created","version":1,"timestamp":"2026-01-01T00:00:00.000Z","source":"/orders-api","data":{}}'
         from generate_series($1::int, $2::int) n`,
      [done + 1, Math.min(done + EVENTS_PER_STATEMENT, events)],
    );
  }
  await pool.query(
    `insert into evtgen.positions (position, insert_id, subject)
     select row_number() over (order by insert_id), insert_id, subject from evtgen.events order by insert_id`,
  );
  await pool.query(
    `update evtgen.log_head
        set position = $1, settled_insert_id = (select max(insert_id) from evtgen.events)`,
    [events],
  );
  await leaveWaiting({ pool, store }, events, deliveries);
  await pool.query('vacuum');
  await settle(pool);
  return async () => {
    await close();
  };
}

/** Of subscriptions to something else, due between an hour and a day from now. */
async function leaveWaiting({ pool, store }, events, deliveries) {
  const secretBox = createSecretBox([{ id: 'bench', key: Buffer.alloc(32, 7) }]);
  const ids = Array.from({ length: SUBSCRIPTIONS }, () => randomUUID());
  for (const id of ids) {
    const sealedSecret = secretBox.seal(`whsec_${Buffer.alloc(32, 9).toString('base64')}`, id);
    const settings = { ...DEFAULT_SETTINGS, url: 'https://example.com/hook', eventTypes: ['invoice.paid'] };
    await store.subscriptions.create({
      ...settings,
      id,
      tenant: undefined,
      sealedSecret,
      sealedHeaders: undefined,
    });
  }
  await pool.query(
    `insert into evtgen.deliveries
       (position, subscription_id, event_id, event_type, state, attempt_count, attempts, due_at)
     select p.position, ($1::text[])[1 + p.position % $2], e.event_id, 'invoice.paid', 'pending', 1,
            '[{"at":"2026-01-01T00:00:00.000Z","durationMs":12,"status":500}]',
            now() + interval '1 hour' + random() * interval '23 hours'
       from evtgen.positions p join evtgen.events e using (insert_id)
      where p.position > $3`,
    [ids, SUBSCRIPTIONS, events - deliveries],
  );
}
