/**
 * Measures how fast signed webhooks of 1 kB reach ten endpoints: `node delivery-driver.mjs VARIANT COUNT`, see run.mjs.
 * evtgen fans events of its log out and writes every result; the peers work off one job a delivery. The clock starts
 * when the first deliveries have been made, since until then much of the code runs interpreted, and stops when the last
 * result is written, or the last response read where there is no state.
 */
import { randomUUID } from 'node:crypto';
import { createAddressGuard } from '../../dist/kernel/address-guard.js';
import { createDeliver } from '../../dist/kernel/deliver.js';
import { createSecretBox } from '../../dist/kernel/secret-box.js';
import { createSignal } from '../../dist/kernel/signal.js';
import { stderrLogger } from '../../dist/kernel/stderr-logger.js';
import { createWebhookDelivery } from '../../dist/kernel/webhook-delivery.js';
import { DEFAULT_SETTINGS } from '../../dist/kernel/subscriptions.js';
import { createWorker } from '../../dist/kernel/worker.js';
import { openCursorAtHead, openDatabase, seedEvents, settle } from './support/database.mjs';
import { runDriver } from './support/driver.mjs';
import { createEnvelopeText, registry } from './support/payload.mjs';
import { createCountdown, createRelay, publisherTo } from './support/relay.mjs';

const origins = process.env.BENCH_RECEIVERS.split(',');
/** Requests at once, over all endpoints. */
const CONCURRENCY = 50;
const SEED_BATCH = 1_000;
const WARM_UP = 10_000;
/** What a queue hands out at a time; the sender's connections limit how many are under way. */
const JOBS_PER_BATCH = 500;
const logger = stderrLogger;

await runDriver({
  'raw dispatch, no state': (run) => raw(run),
  async 'evtgen by undici'(run) {
    const { undiciTransport } = await import('../../dist/transports/undici.js');
    return evtgen(run, undiciTransport);
  },
  async 'evtgen by node:http'(run) {
    const { nodeHttpTransport } = await import('../../dist/transports/node-http.js');
    return evtgen(run, nodeHttpTransport);
  },
  'graphile-worker 0.18 with fetch': (run) => graphileWorker(run, 'fetch'),
  'graphile-worker 0.18 with dispatch': (run) => graphileWorker(run, 'dispatch'),
  'pg-boss 12 with fetch': (run) => pgBoss(run, 'fetch'),
  'pg-boss 12 with dispatch': (run) => pgBoss(run, 'dispatch'),
});

async function raw(run) {
  const { createSender } = await import('./peers/dispatch.mjs');
  const send = createSender('dispatch', CONCURRENCY / origins.length);
  const body = createEnvelopeText();
  let next = 0;
  return measured(run, async (countdown, total) => {
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (next < total) {
          const index = next++;
          await send(origins[index % origins.length], `evt_${index}`, body);
          countdown.add(1);
        }
      }),
    );
  });
}

/** Makes `count` deliveries after those that warm the code up, and gives what they took. */
async function measured({ count, start, finish }, deliver) {
  const total = WARM_UP + count;
  const countdown = createCountdown(total, { warmUp: WARM_UP, onWarm: start });
  await deliver(countdown, total);
  await countdown.isDone;
  return finish(count);
}

async function evtgen(run, createTransport) {
  const database = await openDatabase();
  const { store } = database;
  const eventCount = Math.ceil((WARM_UP + run.count) / origins.length);
  const secretBox = createSecretBox([{ id: 'bench', key: Buffer.alloc(32, 7) }]);
  await subscribe(database, secretBox);
  await openCursorAtHead(database.pool, 'webhooks');
  await seedEvents(database.pool, eventCount, createEnvelopeText());
  await stampAll(database, eventCount);

  const transport = createTransport({ guard: createAddressGuard({ allow: ['127.0.0.0/8'] }) });
  let worker;
  const result = await measured(run, async (countdown) => {
    worker = createWorker({
      logger,
      parts: createWebhookDelivery({
        store: { ...store, deliveries: counting(store.deliveries, countdown) },
        deliver: createDeliver({ transport, secretBox, registry, logger }),
        logSignal: createSignal(),
        perEndpoint: CONCURRENCY / origins.length,
        logger,
      }),
    });
    worker.start();
  });
  await worker.stop();
  await transport.close();
  await database.close();
  return result;
}

/** Ten subscriptions of their own, whatever the database held before. */
async function subscribe({ pool, store }, secretBox) {
  await pool.query(
    `update evtgen.subscriptions set state = 'deleted' where 'order.created' = any (event_types)`,
  );
  for (const origin of origins) {
    const id = randomUUID();
    const sealedSecret = secretBox.seal(`whsec_${Buffer.alloc(32, 9).toString('base64')}`, id);
    const settings = { ...DEFAULT_SETTINGS, url: `${origin}/hook`, eventTypes: ['order.created'] };
    await store.subscriptions.create({
      ...settings,
      id,
      tenant: undefined,
      sealedSecret,
      sealedHeaders: undefined,
    });
  }
}

/** The deliveries are measured, not the relay: see relay-driver.mjs for that. */
async function stampAll({ pool, store }, count) {
  await openCursorAtHead(pool, 'bench');
  const countdown = createCountdown(count);
  const relay = createRelay(
    store,
    publisherTo((events) => countdown.add(events.length)),
  );
  relay.start();
  await countdown.isDone;
  await relay.stop();
  await settle(pool);
}

/** Counts what is written as delivered. */
function counting(deliveries, countdown) {
  const counted = (write) => async (results) => {
    await write(results);
    countdown.add(results.filter((result) => result.state === 'delivered').length);
  };
  return { ...deliveries, insert: counted(deliveries.insert), update: counted(deliveries.update) };
}

async function graphileWorker(run, sender) {
  const { createGraphileWorker } = await import('./peers/graphile-worker.mjs');
  return queue(run, sender, (url) => createGraphileWorker(url, { concurrency: CONCURRENCY }));
}

async function pgBoss(run, sender) {
  const { createPgBoss } = await import('./peers/pg-boss.mjs');
  return queue(run, sender, (url) => createPgBoss(url, { batchSize: JOBS_PER_BATCH }));
}

async function queue(run, sender, create) {
  const { createSender } = await import('./peers/dispatch.mjs');
  const send = createSender(sender, CONCURRENCY / origins.length);
  const database = await openDatabase();
  const peer = await create(database.url);
  const body = createEnvelopeText();
  const total = WARM_UP + run.count;
  for (let done = 0; done < total; done += SEED_BATCH) {
    const jobs = Array.from({ length: Math.min(SEED_BATCH, total - done) }, (_, index) =>
      JSON.stringify({ origin: origins[index % origins.length], id: randomUUID(), body }),
    );
    await peer.seed(jobs);
  }
  await settle(database.pool);
  const result = await measured(run, (countdown) =>
    peer.start(async (work) => {
      const jobs = Array.isArray(work) ? work : [work];
      await Promise.all(jobs.map((job) => send(job.origin, job.id, job.body)));
      countdown.add(jobs.length);
    }),
  );
  await peer.close();
  await database.close();
  return result;
}
