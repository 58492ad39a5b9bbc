import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { UnpublishableError } from '../../src/kernel/errors.ts';
import type { PublishedEvent } from '../../src/kernel/event.ts';
import type { Publisher } from '../../src/kernel/ports.ts';
import { createPublisherReader } from '../../src/kernel/publish.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { startBroker, type BrokerServer } from '../helpers/broker-server.ts';
import { openPglite } from '../helpers/databases.ts';
import { newEvent, type EventParts } from '../helpers/events.ts';
import { brokerService, givenBrokerUrl, isMissing, type BrokerName } from '../helpers/services.ts';
import { startTcpProxy, through, type TcpProxy } from '../helpers/tcp-proxy.ts';
import { inTurn } from '../helpers/turns.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import type { BrokerRig, Place, Received } from './rig.ts';
import { brokerRigs } from './rigs.ts';

const SERVERS: readonly BrokerName[] = ['redis', 'nats', 'aws', 'rabbitmq', 'kafka'];
const START_MS = 120_000;
const NOBODY = '127.0.0.1:1';
/** Outages of one take half a minute, which is most of what this file takes. */
const rigsWithOutages = inTurn('outages of brokers', brokerRigs, 2);

describe.each(SERVERS)('on %s', (name) => {
  const isAbsent = isMissing(brokerService(name));
  let server: BrokerServer;

  beforeAll(async () => {
    if (isAbsent === false) server = await startBroker(name);
  }, START_MS);
  afterAll(() => (isAbsent ? undefined : server.close()), START_MS);

  describe.skipIf(isAbsent).each(brokerRigs.filter((rig) => rig.server === name))('$id', (rig) => {
    let place: Place;
    let publisher: Publisher;

    beforeEach(async () => {
      place = await rig.open(server.url);
      publisher = place.publisher();
    }, START_MS);
    afterEach(async () => {
      await publisher.close();
      await place.close();
    });

    test('an event arrives with its attributes by the binding of the broker, in any script', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const data = { note: 'Zoë → 日本 🚀 "quoted", 100 %\n\u2028\uFFFF', total: 12.5, lines: [null, true] };
      await publisher.publish([
        event(41, { eventId: 'a1', subject: 'ord_Zoë-🚀', version: 2, traceparent, data }),
        event(42, { eventId: 'b2', subject: undefined, eventType: 'customer.deleted' }),
        // Replayed by hand.
        { ...event(7, { eventId: 'c3', subject: 'ord_2' }), position: undefined },
      ]);
      const received = await arrived(3);
      const common = { specversion: '1.0', source: '/orders-api', time: '2026-01-01T00:00:00.000Z' };
      expect(byId(received)).toEqual([
        {
          attributes: {
            ...common,
            id: 'a1',
            type: 'order.created',
            subject: 'ord_Zoë-🚀',
            partitionkey: 'ord_Zoë-🚀',
            eventversion: '2',
            position: '41',
            traceparent,
          },
          data,
        },
        {
          attributes: { ...common, id: 'b2', type: 'customer.deleted', eventversion: '1', position: '42' },
          data: { total: 1 },
        },
        {
          attributes: {
            ...common,
            id: 'c3',
            type: 'order.created',
            subject: 'ord_2',
            partitionkey: 'ord_2',
            eventversion: '1',
          },
          data: { total: 1 },
        },
      ]);
    });

    test('a batch arrives whole, in the order of the log within each subject', async () => {
      const events = Array.from({ length: 300 }, (_, index) =>
        event(index + 1, { subject: `ord_${(index * 7) % 40}` }),
      );
      await publisher.publish(events);
      const received = await arrived(300);
      expect(new Set(received.map(({ attributes }) => attributes['id'])).size).toBe(300);
      expect(
        verdictOf(
          events.map(({ eventId }) => eventId),
          received,
        ),
      ).toMatchObject({ lost: 0, reordered: 0 });
    });

    test('an event of 200 kB arrives as it was, among small ones', async () => {
      const text = '0123456789'.repeat(20_000);
      const data = { text };
      await publisher.publish([event(1), event(2, { eventId: 'large', data }), event(3)]);
      const received = await arrived(3);
      expect(received.find(({ attributes }) => attributes['id'] === 'large')?.data).toEqual(data);
    });

    test.skipIf(rig.tooLarge === undefined)(
      'an event that the broker never takes is named, before any is sent',
      async () => {
        const data = { text: 'x'.repeat(rig.tooLarge ?? 0) };
        await publisher.publish([event(1, { eventId: 'before' })]);
        const poison = publisher.publish([event(2), event(3, { eventId: 'poison', data }), event(4)]);
        await expect(poison).rejects.toThrow(UnpublishableError);
        await expect(poison).rejects.toMatchObject({ eventId: 'poison' });
        await publisher.publish([event(5, { eventId: 'after' })]);
        const ids = (await arrived(2)).map(({ attributes }) => attributes['id']);
        expect(ids.sort()).toEqual(['after', 'before']);
      },
    );

    test('closing waits for what is in hand', async () => {
      const events = Array.from({ length: 50 }, (_, index) => event(index + 1, { subject: `ord_${index}` }));
      const own = place.publisher();
      await own.publish([event(1_000)]);
      const publishing = own.publish(events);
      // The clients of Redis are not asked to: the worker waits before it closes a publisher.
      if (rig.server === 'redis') await publishing;
      await Promise.all([publishing, own.close()]);
      expect(await arrived(51)).toHaveLength(51);
    });

    test('while there is no server a batch fails or waits, and closing ends it', async () => {
      const url = server.url.includes('://') ? server.url.replace(/127\.0\.0\.1:\d+/, NOBODY) : NOBODY;
      const own = place.publisher(url);
      const publishing = own.publish([event(1)]).then(
        () => 'published',
        () => 'failed',
      );
      const outcome = await Promise.race([publishing, sleep(50).then(() => 'waits')]);
      expect(outcome).not.toBe('published');
      await own.close();
    });

    test.runIf(givenBrokerUrl(name) === undefined && rigsWithOutages.includes(rig))(
      'nothing is lost and no subject reordered by outages under load, the first before anything was sent',
      async () => {
        const verdict = await surviveOutages(rig, server, place);
        expect(verdict).toMatchObject({ ghosts: 0, reordered: 0, lost: 0 });
      },
      240_000,
    );

    /** Consumers may see them a little later. */
    async function arrived(count: number): Promise<readonly Received[]> {
      let received: readonly Received[] = [];
      await waitUntil(
        async () => (received = withoutRepeats(await place.received())).length >= count,
        30_000,
      );
      return received;
    }
  });
});

interface Outage {
  readonly url: string;
  begin(): Promise<void>;
  end(): Promise<void>;
  close(): Promise<void>;
}

/** AWS is no server that anybody kills; what it can be is out of reach, also after it has carried out a request. */
async function outageOf(rig: BrokerRig, server: BrokerServer): Promise<Outage> {
  if (rig.server !== 'aws') {
    const close = (): Promise<void> => Promise.resolve();
    return { url: server.url, begin: () => server.kill(), end: () => server.start(), close };
  }
  const proxy: TcpProxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
  return {
    url: through(proxy, server.url),
    async begin() {
      let hasCut = false;
      proxy.judge = () => {
        hasCut = true;
        return 'cut after answer';
      };
      await waitUntil(() => hasCut);
      proxy.judge = () => 'forward';
      proxy.goDown();
    },
    end: () => Promise.resolve(proxy.resume()),
    close: () => proxy.close(),
  };
}

async function surviveOutages(rig: BrokerRig, server: BrokerServer, place: Place): Promise<Verdict> {
  const database = await openPglite();
  const store = createEventStore(database.sql);
  const outage = await outageOf(rig, server);
  const logSignal = createSignal();
  const outboxSignal = createSignal();
  let published = 0;
  let failures = 0;
  const publisher = place.publisher(outage.url);
  const counted: Publisher = {
    ...publisher,
    async publish(events) {
      try {
        await publisher.publish(events);
        published += events.length;
      } catch (error) {
        failures += 1;
        throw error;
      }
    },
  };
  const worker = createWorker({
    parts: [
      createSequencer({ store, outboxSignal, logSignal }),
      createPublisherReader({ store, publisher: counted, logSignal, batchSize: 50 }),
    ],
  });
  const committed: string[] = [];
  const load = new AbortController();
  async function emit(): Promise<void> {
    for (let round = 0; load.signal.aborted === false; round += 1) {
      const events = Array.from({ length: 3 }, (_, index) =>
        newEvent({ subject: `ord_${(round * 3 + index) % 17}` }),
      );
      await database.sql.transaction(async (tx) => {
        for (const each of events) await store.log.append(tx, each);
      });
      committed.push(...events.map(({ eventId }) => eventId));
      // Enough to be under load, and no more than the slowest of them works off.
      do await sleep(10);
      while (load.signal.aborted === false && committed.length - published > 100);
    }
  }
  const more = (count: number): Promise<void> => {
    const goal = published + count;
    return waitUntil(() => published >= goal, 100_000);
  };

  // A forgetful broker's subscriber is back before the publisher.
  const emitting = emit();
  try {
    if (rig.server !== 'aws') await outage.begin();
    worker.start();
    if (rig.server !== 'aws') {
      await waitUntil(() => worker.health().ok === false, 60_000);
      await outage.end();
    }
    for (let round = 0; round < 2; round += 1) {
      await more(60);
      const before = failures;
      await outage.begin();
      await waitUntil(() => failures > before, 60_000);
      // The sequencer goes on meanwhile.
      await waitUntil(async () => (await store.log.head()) > published);
      await outage.end();
    }
    await more(60);
    load.abort();
    await emitting;
    await waitUntil(
      async () => (await store.cursors.list()).every(({ position }) => position >= committed.length),
      100_000,
    );
  } finally {
    load.abort();
    await emitting;
    await worker.stop();
    await publisher.close();
    await outage.close();
    await database.close();
  }
  const received = await place.received();
  const verdict = verdictOf(committed, received);
  const { lost, reordered, duplicated } = verdict;
  process.stderr.write(
    `${rig.id}: ${committed.length} committed, ${published} confirmed, ${failures} batches failed, ` +
      `${received.length} received, ${duplicated} duplicated, ${lost} lost, ${reordered} reordered\n`,
  );
  return rig.forgets === true ? { ...verdict, lost: 0 } : verdict;
}

interface Verdict {
  readonly lost: number;
  readonly ghosts: number;
  readonly duplicated: number;
  /** First seen after a later one of the same subject. */
  readonly reordered: number;
}

function verdictOf(committed: readonly string[], received: readonly Received[]): Verdict {
  const seen = new Set<string>();
  const highest = new Map<string, number>();
  let reordered = 0;
  for (const { attributes } of received) {
    const { id = '', subject = '', position } = attributes;
    if (seen.has(id)) continue;
    seen.add(id);
    if (Number(position) < (highest.get(subject) ?? 0)) reordered += 1;
    highest.set(subject, Math.max(highest.get(subject) ?? 0, Number(position)));
  }
  return {
    lost: committed.filter((id) => seen.has(id) === false).length,
    ghosts: [...seen].filter((id) => committed.includes(id) === false).length,
    duplicated: received.length - seen.size,
    reordered,
  };
}

/** A client sends again what a busy broker was too slow to confirm. */
function withoutRepeats(received: readonly Received[]): Received[] {
  return [...new Map(received.map((each) => [each.attributes['id'], each])).values()];
}

function byId(received: readonly Received[]): Received[] {
  return [...received].sort((a, b) => ((a.attributes['id'] ?? '') < (b.attributes['id'] ?? '') ? -1 : 1));
}

function event(position: number, parts: EventParts = {}): PublishedEvent {
  const { actor: _actor, ...logged } = newEvent(parts);
  return { ...logged, position };
}
