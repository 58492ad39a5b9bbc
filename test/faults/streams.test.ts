import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSignal } from '../../src/kernel/signal.ts';
import { createEventStream, type EventStream } from '../../src/kernel/stream.ts';
import { pgSql } from '../../src/stores/pg.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { authorizeByHeader } from '../helpers/webhooks-app.ts';
import { isWorkedOff, startChanges } from './pipeline.ts';
import { createCrowdMember, type CrowdMember } from './stream-crowd.ts';
import { grows, PATIENCE_MS, rounds, seed, TENANTS, TEST_TIMEOUT_MS, usePipeline } from './use-pipeline.ts';

const CLIENTS = 1_000;
/** Connecting at the same time. */
const AT_ONCE = 100;
/** What the clients of one time need while they are connected is more. */
const MAX_GROWTH_BYTES = 6 * 1024 * 1024;

describe.skipIf(isMissing(postgres))('a thousand clients of the stream that are gone at once', () => {
  const pipeline = usePipeline();
  let stream: EventStream;
  let server: Server;
  let url: string;

  beforeEach(async () => {
    const store = createEventStore(pgSql(pipeline.database.connect()));
    stream = createEventStream({ store, logSignal: createSignal(), authorize: authorizeByHeader });
    server = createServer(stream.listener);
    server.listen({ port: 0, host: '127.0.0.1', backlog: CLIENTS });
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events/stream`;
  });

  afterEach(async () => {
    stream.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it(
    'miss nothing and see nothing twice when they come back, and leave nothing behind',
    async () => {
      const { database } = pipeline;
      pipeline.run({ publishers: [] });
      const changes = startChanges(database.url, pipeline.random, { concurrency: 1, pauseMs: 20 });
      const members = Array.from({ length: CLIENTS }, (_, index) => {
        // Every tenth waits for what never comes.
        const types = index % 10 === 9 ? 'user.*' : 'order.*,user.*';
        return createCrowdMember(url, TENANTS[index % 2] ?? '', types);
      });
      const heaps: number[] = [];
      const returns: number[] = [];

      async function comeBack(): Promise<void> {
        const begunAt = performance.now();
        // Real ones are spread by the jitter of `retry:`.
        const waiting = [...members];
        const connectNext = async (): Promise<void> => {
          for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next.connect();
        };
        await Promise.all(Array.from({ length: AT_ONCE }, connectNext));
        returns.push(Math.round(performance.now() - begunAt));
        expect(stream.clients()).toBe(CLIENTS);
      }

      async function expectNobody(): Promise<void> {
        await waitUntil(async () => stream.clients() === 0 && (await connectionsOf(server)) === 0);
        heaps.push(usedHeap());
      }

      await comeBack();
      for (let round = 0; round < rounds; round += 1) {
        await grows(pipeline.head, 10);
        // In turn they hang up, and the server does.
        if (round % 2 === 1) server.closeAllConnections();
        else for (const member of members) member.drop();
        await expectNobody();
        await grows(pipeline.head, 10);
        await comeBack();
      }
      await grows(pipeline.head, 10);
      await changes.stop();
      await waitUntil(() => isWorkedOff(database.pool), PATIENCE_MS);

      const log = await positionsByTenant();
      const wrong = (): CrowdMember[] => members.filter((member) => isComplete(member, log) === false);
      await waitUntil(() => wrong().length === 0, PATIENCE_MS).catch(() => undefined);
      const received = members.reduce((sum, member) => sum + member.count(), 0);
      for (const member of members) member.drop();
      await expectNobody();
      const growth = Math.max(...heaps) - (heaps[0] ?? 0);
      process.stderr.write(
        `stream clients: seed ${seed}, ${CLIENTS} gone ${heaps.length} times, ${received} events received, ` +
          `all back after ${returns.join(', ')} ms; heap without them grew by at most ${Math.round(growth / 1_024)} kB\n`,
      );
      expect(wrong().map(({ tenant, count, start }) => ({ tenant, count: count(), start: start() }))).toEqual(
        [],
      );
      expect(received).toBeGreaterThan(CLIENTS);
      expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    },
    TEST_TIMEOUT_MS,
  );

  async function positionsByTenant(): Promise<Map<string, number[]>> {
    const { rows } = await pipeline.database.pool.query<{ tenant: string; positions: number[] }>(
      'select tenant, array_agg(position::int order by position) as positions from evtgen.log group by tenant',
    );
    return new Map(rows.map(({ tenant, positions }) => [tenant, positions]));
  }
});

/** In order, as many, and the same. */
function isComplete(member: CrowdMember, log: ReadonlyMap<string, readonly number[]>): boolean {
  const own = member.isInterested ? (log.get(member.tenant) ?? []) : [];
  const expected = own.filter((position) => position > (member.start() ?? 0));
  const sum = expected.reduce((total, position) => total + position, 0);
  return member.disorder() === 0 && member.count() === expected.length && member.sum() === sum;
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
