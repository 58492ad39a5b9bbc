import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStreamsPublisher } from '../../src/brokers/redis-streams.ts';
import { createHealth } from '../../src/kernel/health.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createEventStream } from '../../src/kernel/stream.ts';
import { pgSql } from '../../src/stores/pg.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { openPostgres } from '../helpers/databases.ts';
import { startPrivateServices, type PrivateServices } from '../helpers/private-services.ts';
import { isMissing, serverPrograms } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { judge } from './judge.ts';
import { followStream, readStream } from './observers.ts';
import { committedRevisions, observedFrom, startChanges } from './pipeline.ts';
import {
  ALL_WELL,
  figuresOf,
  grows,
  NOTHING_AMISS,
  PATIENCE_MS,
  rounds,
  seed,
  TEST_TIMEOUT_MS,
  usePipeline,
} from './use-pipeline.ts';

/** How long Redis is away; a minute in the soak. */
const brokerDownMs = Number(process.env['EVTGEN_TEST_BROKER_DOWN_MS'] ?? 3_000);

/** Long enough for everybody to notice. */
const POSTGRES_DOWN_MS = 300;

describe.skipIf(isMissing(serverPrograms))('servers that stop and come back under load', () => {
  let services: PrivateServices;

  beforeAll(async () => {
    services = await startPrivateServices();
  });
  afterAll(() => services.close());

  const pipeline = usePipeline(() => openPostgres(services.postgresUrl));
  const { run, head, report } = pipeline;

  it(
    'PostgreSQL, in good order and by a crash',
    async () => {
      run();
      run();
      const changes = startChanges(pipeline.database.url, pipeline.random);
      const recoveries: number[] = [];
      for (const mode of Array.from({ length: rounds }, () => ['fast', 'immediate'] as const).flat()) {
        await grows(head);
        await services.stopPostgres(mode);
        await sleep(POSTGRES_DOWN_MS);
        await services.startPostgres();
        const startedAt = performance.now();
        await grows(() => pipeline.broker.observed.length, 1);
        recoveries.push(Math.round(performance.now() - startedAt));
      }
      await changes.stop();
      const verdicts = await report(
        'PostgreSQL restarted',
        `, ${recoveries.length} times, ${changes.failed()} failures, work went on ${recoveries.join(', ')} ms after the start`,
      );
      expect(verdicts).toMatchObject(ALL_WELL);
      expect(changes.failed()).toBeGreaterThan(0);
      // A commit that was confirmed has survived, so nothing above is judged by a table that lost it too.
      const committed = await committedRevisions(pipeline.database.pool);
      expect(committed.length).toBeGreaterThanOrEqual(changes.confirmed());
      expect(Math.max(...recoveries)).toBeLessThan(15_000);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'Redis, while webhooks and streams go on',
    async () => {
      const key = `events-${randomUUID()}`;
      const redis = new Redis(services.redisUrl);
      // Its own line on stderr for every failed connection.
      redis.on('error', () => undefined);
      const worker = run({ publishers: [createRedisStreamsPublisher({ redis, stream: key })] });
      const store = createEventStore(pgSql(pipeline.database.connect()));
      const stream = createEventStream({
        store,
        logSignal: createSignal(),
        authorize: () => ({ tenant: 'odd' }),
      });
      const health = createHealth({ worker, store, maxLagEvents: 10 });
      const reader = async (): Promise<{ readonly position: number; readonly lag: number }> => {
        const { readers } = await health();
        return readers.find((each) => each.reader === 'redis-streams') ?? { position: 0, lag: 0 };
      };
      const cursor = async (): Promise<number> => (await reader()).position;
      const client = await followStream(stream, (envelope: Parameters<typeof observedFrom>[0]) =>
        observedFrom(envelope),
      );

      const changes = startChanges(pipeline.database.url, pipeline.random);
      const outages: string[] = [];
      for (const signal of ['TERM', 'KILL'] as const) {
        await grows(cursor);
        await services.stopRedis(signal);
        const stoppedAt = performance.now();
        // What was confirmed before.
        await sleep(50);
        const stuckAt = await cursor();
        await grows(() => pipeline.receiver.requests.length, 50);
        await grows(() => client.observed.length, 50);
        await waitUntil(async () => (await reader()).lag > 10);
        expect((await health()).reasons.join()).toContain('redis-streams');
        await sleep(Math.max(brokerDownMs - (performance.now() - stoppedAt), 0));
        expect(await cursor()).toBe(stuckAt);
        const behind = (await reader()).lag;
        await services.startRedis();
        const startedAt = performance.now();
        await waitUntil(async () => (await cursor()) >= stuckAt + behind, PATIENCE_MS);
        outages.push(
          `${signal} ${behind} events behind, ${Math.round(performance.now() - startedAt)} ms to catch up`,
        );
      }
      await changes.stop();
      const ofBroker = () => readStream(services.redisUrl, key, (text) => observedFrom(JSON.parse(text)));
      expect(await report('Redis restarted', `, ${outages.join('; ')}`, ofBroker)).toMatchObject(ALL_WELL);

      const ofOdd = await committedRevisions(pipeline.database.pool, 'odd');
      await waitUntil(() => new Set(client.observed.map(({ eventId }) => eventId)).size >= ofOdd.length);
      const verdict = judge(ofOdd, client.observed);
      process.stderr.write(`  stream of one tenant, seed ${seed}: ${figuresOf(verdict)}\n`);
      // A stream shows nothing twice.
      expect(verdict).toMatchObject({ ...NOTHING_AMISS, duplicates: 0 });
      stream.close();
      await client.ended;
      await waitUntil(async () => (await health()).ok);
    },
    TEST_TIMEOUT_MS,
  );
});
