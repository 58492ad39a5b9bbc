import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRedisStreamsPublisher } from '../../src/brokers/redis-streams.ts';
import type { RedisStreamsOptions } from '../../src/brokers/redis-streams.ts';
import type { LoggedEvent } from '../../src/kernel/event.ts';
import type { EventStore, Publisher } from '../../src/kernel/ports.ts';
import { createPublisherReader } from '../../src/kernel/publish.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { openPglite } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import { isMissing, redis as service, urlOf } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';

describe.skipIf(isMissing(service))('Redis Streams', () => {
  let redis: Redis;
  let stream: string;

  beforeEach(() => {
    redis = connect(urlOf(service));
    stream = `evtgen-test-${randomUUID()}`;
  });
  afterEach(async () => {
    await redis.del(stream);
    redis.disconnect();
  });

  function publisher(options: Partial<RedisStreamsOptions> = {}): Publisher {
    return createRedisStreamsPublisher({ redis, stream, ...options });
  }

  test('closing ends the connection, also while the server is away: a process must be able to end', async () => {
    const own = new Redis('redis://127.0.0.1:1', { lazyConnect: true, retryStrategy: () => 5 });
    own.on('error', () => undefined);
    own.connect().catch(() => undefined);
    await new Promise((resolve) => own.once('reconnecting', resolve));
    await publisher({ redis: own }).close();
    let attempts = 0;
    own.on('connecting', () => (attempts += 1));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(attempts).toBe(0);
  });

  test('an entry has the envelope with its position, and the CloudEvents attributes', async () => {
    await publisher().publish([
      event(41, { eventId: 'a', subject: 'Zoë 🚀', version: 2, timestamp: '2026-01-02T03:04:05.006Z' }),
      event(42, { eventId: 'b', subject: undefined }),
    ]);
    const [first, second] = await entries(redis, stream);
    expect(first).toEqual({
      event: expect.any(String),
      ce_specversion: '1.0',
      ce_id: 'a',
      ce_source: '/orders-api',
      ce_type: 'order.created',
      ce_time: '2026-01-02T03:04:05.006Z',
      ce_eventversion: '2',
      ce_position: '41',
      ce_subject: 'Zoë 🚀',
      ce_partitionkey: 'Zoë 🚀',
    });
    expect(JSON.parse(first?.['event'] ?? '')).toMatchObject({
      eventId: 'a',
      position: 41,
      data: { total: 1 },
    });
    expect(second).not.toHaveProperty('ce_subject');
  });

  test('takes the confirmation of a client that gives numbers as text', async () => {
    const own = connect(urlOf(service), { stringNumbers: true });
    await publisher({ redis: own }).publish([event(1), event(2)]);
    own.disconnect();
    expect(await redis.xlen(stream)).toBe(2);
  });

  test('keeps about as many entries as it is told to', async () => {
    const batch = Array.from({ length: 1_000 }, (_, index) => event(index + 1));
    await publisher({ maxLength: 100 }).publish(batch);
    expect(await redis.xlen(stream)).toBeLessThan(300);
    await redis.del(stream);
    await publisher().publish(batch);
    expect(await redis.xlen(stream)).toBe(1_000);
  });

  test('one refused entry refuses the batch', async () => {
    await redis.set(stream, 'not a stream');
    await expect(publisher().publish([event(1), event(2)])).rejects.toThrow(/WRONGTYPE/);
  });

  test('a batch that Redis cannot hold leaves nothing of it behind', async () => {
    const server = await startRedis(['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction']);
    const small = connect(server.url);
    const bulky = Array.from({ length: 50 }, (_, index) => event(index + 1, { data: 'x'.repeat(100_000) }));
    await expect(createRedisStreamsPublisher({ redis: small }).publish(bulky)).rejects.toThrow(
      /OOM|EXECABORT/,
    );
    expect(await small.xlen('events')).toBe(0);
    small.disconnect();
    await server.stop();
  });

  describe('behind the log', () => {
    let database: TestDatabase;
    let store: EventStore<SqlClient>;

    beforeEach(async () => {
      database = await openPglite();
      store = createEventStore(database.sql);
    });
    afterEach(() => database.close());

    function createRig(broker: Publisher, cursors = store.cursors) {
      const outboxSignal = createSignal();
      const logSignal = createSignal();
      const parts = [
        createSequencer({ store, outboxSignal, logSignal }),
        createPublisherReader({ store: { ...store, cursors }, publisher: broker, logSignal, batchSize: 50 }),
      ];
      const worker = createWorker({ parts });
      return { worker, outboxSignal };
    }

    async function emit(count: number): Promise<void> {
      await database.sql.transaction(async (tx) => {
        for (let index = 0; index < count; index += 1) await store.log.append(tx, newEvent({}));
      });
    }

    const positions = async (client: Redis, key: string): Promise<number[]> =>
      (await entries(client, key)).map((entry) => Number(entry['ce_position']));

    test('a broker that is down for a while gets everything, once, when it is back', async () => {
      const server = await startRedis();
      const client = connect(server.url);
      const { worker } = createRig(createRedisStreamsPublisher({ redis: client }));
      worker.start();
      await emit(120);
      await waitUntil(async () => (await client.xlen('events')) === 120);

      await server.stop();
      await emit(130);
      await waitUntil(() => worker.health().ok === false);
      // The sequencer goes on meanwhile.
      await waitUntil(async () => (await store.log.head()) === 250);
      const reader = worker.health().parts.find((part) => part.name === 'reader:redis-streams');
      expect(reader).toMatchObject({ state: 'failing', lag: 130 });
      expect(reader?.lastError).not.toBe('');

      const restarted = await startRedis([], server.port);
      await waitUntil(() => worker.health().ok);
      await waitUntil(async () => (await client.xlen('events')) === 130, 20_000);
      await worker.stop();
      // The first server kept nothing on disk.
      expect(await positions(client, 'events')).toEqual(
        Array.from({ length: 130 }, (_, index) => 121 + index),
      );
      client.disconnect();
      await restarted.stop();
    });

    test('only a crash between publish and advance repeats events, and none is lost', async () => {
      await emit(200);
      const crash = new Error('killed after publish, before the cursor moved');
      let advances = 0;
      const first = createRig(publisher(), {
        ...store.cursors,
        advance: (lease, position) => {
          advances += 1;
          // Once dead, it moves no cursor any more.
          return advances >= 3 ? Promise.reject(crash) : store.cursors.advance(lease, position);
        },
      });
      first.worker.start();
      await waitUntil(() => advances >= 3);
      await first.worker.stop();
      const beforeRestart = await positions(redis, stream);

      const second = createRig(publisher());
      second.worker.start();
      await waitUntil(async () => (await positions(redis, stream)).at(-1) === 200);
      await second.worker.stop();
      const all = await positions(redis, stream);

      expect(new Set(all).size).toBe(200);
      // What the consumer's rule keeps, dropping what is not above the last: everything, once, in order.
      let last = 0;
      const kept = all.filter((position) => position > last && (last = position) > 0);
      expect(kept).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
      // Two batches were confirmed; whatever repeats comes after them.
      const repeated = all.filter((position, index) => all.indexOf(position) !== index);
      expect(repeated.length).toBeGreaterThan(0);
      expect(Math.min(...repeated)).toBe(101);
      expect(beforeRestart.slice(0, 150)).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
    });
  });
});

function connect(url: string, options: { readonly stringNumbers?: boolean } = {}): Redis {
  // Fails at once while the server is away, instead of queueing in memory.
  const client = new Redis(url, {
    enableOfflineQueue: true,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 50,
    ...options,
  });
  // Shown by the commands that fail.
  client.on('error', () => undefined);
  return client;
}

function event(position: number, parts: Parameters<typeof newEvent>[0] = {}): LoggedEvent {
  const { actor: _actor, ...logged } = newEvent(parts);
  return { ...logged, position };
}

async function entries(client: Redis, stream: string): Promise<Record<string, string>[]> {
  const found = await client.xrange(stream, '-', '+');
  return found.map(([, fields]) => {
    const pairs = fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []));
    return Object.fromEntries(pairs);
  });
}

interface RedisServer {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** A server of the test's own, which it may stop. */
async function startRedis(options: readonly string[] = [], port?: number): Promise<RedisServer> {
  const chosen = port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'evtgen-redis-'));
  const settings = ['--bind', '127.0.0.1', '--port', String(chosen), '--dir', folder, '--save', ''];
  const child = spawn('redis-server', [...settings, ...options], { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${chosen}`;
  const probe = connect(url);
  await waitUntil(() =>
    probe.ping().then(
      () => true,
      () => false,
    ),
  );
  probe.disconnect();
  return {
    port: chosen,
    url,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
