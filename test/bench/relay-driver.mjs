/**
 * Measures one way from the outbox to a publisher: `node relay-driver.mjs VARIANT COUNT`, see run.mjs. The clock
 * starts with the worker, when all events lie committed in the table, and stops at the last one published.
 */
import { Redis } from 'ioredis';
import { createRedisStreamsPublisher } from '../../dist/brokers/redis-streams.js';
import { openCursorAtHead, openDatabase, seedEvents, settle } from './support/database.mjs';
import { runDriver } from './support/driver.mjs';
import { createEnvelopeText } from './support/payload.mjs';
import { createCountdown, createRelay, publisherTo } from './support/relay.mjs';
import { createDeleteLoop } from './peers/delete-loop.mjs';

/** Jobs that are put into a peer's queue by one statement. */
const SEED_BATCH = 1_000;

await runDriver({
  evtgen: (run) => evtgen(run, (countdown) => publisherTo((events) => countdown.add(events.length))),
  'evtgen to Redis Streams': (run) =>
    withRedis((redis) =>
      evtgen(run, (countdown) => counted(createRedisStreamsPublisher({ redis, stream: 'bench' }), countdown)),
    ),
  'delete loop': (run) => deleteLoop(run, { isLean: false, publish: async () => {} }),
  'delete loop, lean rows': (run) => deleteLoop(run, { isLean: true, publish: async () => {} }),
  'delete loop with pipelined XADD': (run) => deleteToRedis(run, { isLean: false }),
  'delete loop, lean rows, with pipelined XADD': (run) => deleteToRedis(run, { isLean: true }),
  async 'graphile-worker 0.18'(run) {
    const { createGraphileWorker } = await import('./peers/graphile-worker.mjs');
    return queue(
      run,
      (url) => createGraphileWorker(url, { concurrency: 10 }),
      () => 1,
    );
  },
  async 'pg-boss 12'(run) {
    const { createPgBoss } = await import('./peers/pg-boss.mjs');
    return queue(
      run,
      (url) => createPgBoss(url, { batchSize: 500 }),
      (batch) => batch.length,
    );
  },
  async BullMQ(run) {
    const { createBullMq } = await import('./peers/bullmq.mjs');
    return queue(
      run,
      () => createBullMq(process.env.BENCH_REDIS_URL, { concurrency: 50 }),
      () => 1,
    );
  },
});

async function evtgen({ count, start, finish }, createPublisher) {
  const database = await openDatabase();
  const countdown = createCountdown(count);
  const publisher = createPublisher(countdown);
  await openCursorAtHead(database.pool, publisher.name);
  await seedEvents(database.pool, count, createEnvelopeText());
  const relay = createRelay(database.store, publisher);
  start();
  relay.start();
  await countdown.isDone;
  const result = finish(count);
  await relay.stop();
  await publisher.close();
  await database.close();
  return result;
}

async function deleteLoop({ count, start, finish }, { isLean, publish }) {
  const database = await openDatabase();
  const loop = await createDeleteLoop(database.url, { isLean });
  await loop.seed(count, createEnvelopeText());
  await settle(database.pool);
  start();
  await loop.run(publish);
  const result = finish(count);
  await loop.close();
  await database.close();
  return result;
}

function deleteToRedis(run, { isLean }) {
  return withRedis((redis) => deleteLoop(run, { isLean, publish: (batch) => addToStream(redis, batch) }));
}

async function queue({ count, start, finish }, create, sizeOf) {
  const database = await openDatabase();
  const peer = await create(database.url);
  const job = createEnvelopeText();
  for (let done = 0; done < count; done += SEED_BATCH) {
    await peer.seed(Array.from({ length: Math.min(SEED_BATCH, count - done) }, () => job));
  }
  await settle(database.pool);
  const countdown = createCountdown(count);
  start();
  await peer.start(async (work) => countdown.add(sizeOf(work)));
  await countdown.isDone;
  const result = finish(count);
  await peer.close();
  await database.close();
  return result;
}

async function withRedis(run) {
  const redis = new Redis(process.env.BENCH_REDIS_URL);
  await redis.flushall();
  const result = await run(redis);
  redis.disconnect();
  return result;
}

async function addToStream(redis, batch) {
  const pipeline = redis.pipeline();
  for (const { eventId, body } of batch) {
    pipeline.xadd('bench', '*', 'id', eventId, 'type', 'order.created', 'data', body);
  }
  await pipeline.exec();
}

function counted(publisher, countdown) {
  return {
    ...publisher,
    async publish(events) {
      await publisher.publish(events);
      countdown.add(events.length);
    },
  };
}
