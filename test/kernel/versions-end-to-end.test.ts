import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod/v4';
import type { RaisedAlert } from '../../src/kernel/alert.ts';
import { composeEvents } from '../../src/kernel/events.ts';
import type { Events } from '../../src/kernel/events.ts';
import type { PublishedEvent } from '../../src/kernel/event.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { EmitTarget } from '../../src/stores/postgres/single-statement.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { startReceiver } from '../helpers/receiver.ts';
import type { Receiver } from '../helpers/receiver.ts';
import { useDatabase } from '../helpers/use-database.ts';

interface Order {
  readonly id: string;
  readonly amount: number;
}

interface Inputs {
  'order.created': Order;
}

const COUNT = 20;
const idOf = (n: number): string => `ord_${n}`;

describe.each(databaseKinds)('two versions of an event type side by side on $kind', (databaseKind) => {
  const database = useDatabase(databaseKind);
  const receivers: Record<'v1' | 'v2' | 'newest', Receiver> = {} as never;
  let events: Events<Inputs, EmitTarget>;
  let published: PublishedEvent[];
  let alerts: RaisedAlert[];
  /** What the team's caster of version 1 does. */
  let downcast: (order: Order) => unknown;

  beforeEach(async () => {
    published = [];
    alerts = [];
    downcast = ({ id, amount }) => ({ id, totalCents: amount * 100 });
    events = composeEvents<Inputs, EmitTarget>(
      {
        source: '/orders-api',
        allowHosts: ['127.0.0.1/32'],
        retryScheduleMs: [1],
        deactivateAfter: { failures: 1, unit: 'delivery' },
        alert: (alert) => void alerts.push(alert),
        logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
        publishers: [
          {
            name: 'redis-streams',
            publish: async (batch) => void published.push(...batch),
            close: () => Promise.resolve(),
          },
        ],
      },
      {
        store: { ...createEventStore(database.sql), ...createWebhookStore(database.sql) },
        createTransport: (guard) => nodeHttpTransport({ guard }),
        registry: {
          'order.created': {
            eventType: 'order.created',
            version: 2,
            audience: 'public',
            schema: z.object({ id: z.string(), amount: z.number() }),
            older: [
              {
                version: 1,
                schema: z.object({ id: z.string(), totalCents: z.int() }),
                downcast: (data: Order) => downcast(data),
                deprecation: { since: '2026-01-01', sunset: '2026-07-01T12:00:00Z' },
              },
            ],
            publishVersions: [1],
          },
        },
      },
    );
    for (const [name, versions] of [
      ['v1', { 'order.created': 1 }],
      ['v2', { 'order.created': 2 }],
      ['newest', null],
    ] as const) {
      receivers[name] = await startReceiver();
      await call('POST', '/webhooks', { url: receivers[name].url, eventTypes: ['order.*'], versions });
    }
    events.start();
    return async () => {
      await events.stop();
      await Promise.all(Object.values(receivers).map((receiver) => receiver.close()));
    };
  });

  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly data: readonly Letter[] }> {
    const init = { method, body: body === undefined ? null : JSON.stringify(body), headers: JSON_TYPE };
    const handler = path.startsWith('/webhooks') ? events.webhooks : events.deadLetters;
    const response = await handler(new Request(`http://localhost${path}`, init));
    if (response.ok === false) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as { readonly data: readonly Letter[] };
  }

  const emit = (n: number): Promise<unknown> =>
    database.sql.transaction((tx) =>
      events.emit(tx, 'order.created', { subject: idOf(n), data: { id: idOf(n), amount: n } }),
    );
  const envelopesOf = (requests: Receiver['requests']): unknown[] =>
    requests
      .map(({ body }) => JSON.parse(String(body)) as { version: number; data: { id: string } })
      .map(({ version, data }) => ({ version, data }))
      .toSorted((left, right) => Number(left.data.id.slice(4)) - Number(right.data.id.slice(4)));
  const expected = (version: 1 | 2): unknown[] =>
    Array.from({ length: COUNT }, (_, n) => ({
      version,
      data: version === 1 ? { id: idOf(n), totalCents: n * 100 } : { id: idOf(n), amount: n },
    }));
  const arrived = (counts: Readonly<Record<keyof typeof receivers, number>>): Promise<unknown> =>
    eventually('all have arrived', () =>
      Object.entries(counts).every(
        ([name, count]) => receivers[name as keyof typeof receivers].requests.length >= count,
      ),
    );

  it('reach each subscription in the version it is pinned to, once, and the broker in both', async () => {
    for (let n = 0; n < COUNT; n += 1) await emit(n);
    await arrived({ v1: COUNT, v2: COUNT, newest: COUNT });
    await eventually('all are published', () => published.length >= 2 * COUNT);
    await events.stop();

    expect(envelopesOf(receivers.v1.requests)).toEqual(expected(1));
    expect(envelopesOf(receivers.v2.requests)).toEqual(expected(2));
    expect(envelopesOf(receivers.newest.requests)).toEqual(expected(2));
    const idsOf = ({ requests }: Receiver): unknown[] =>
      requests.map(({ headers }) => headers['webhook-id']).toSorted();
    expect(new Set(idsOf(receivers.v1)).size).toBe(COUNT);
    expect(idsOf(receivers.v2)).toEqual(idsOf(receivers.v1));

    // The version that is on its way out says so, and only that one does.
    for (const { headers } of receivers.v1.requests) {
      expect(headers).toMatchObject({ deprecation: '@1767225600', sunset: 'Wed, 01 Jul 2026 12:00:00 GMT' });
    }
    for (const { headers } of [...receivers.v2.requests, ...receivers.newest.requests]) {
      expect([headers['deprecation'], headers['sunset']]).toEqual([undefined, undefined]);
    }

    const pairs = published.map(({ position, version }) => `${position} v${version}`);
    const positions = Array.from({ length: COUNT }, (_, index) => index + 1);
    expect(pairs).toEqual(positions.flatMap((position) => [`${position} v2`, `${position} v1`]));
    expect(alerts).toEqual([]);
  });

  it('hold nothing else back when one cannot be made; once its caster is mended, replays bring it', async () => {
    const mended = downcast;
    downcast = (order) => {
      if (order.id === idOf(1)) throw new TypeError('no amount of jo@example.com');
      return mended(order);
    };
    for (let n = 0; n < 3; n += 1) await emit(n);
    await arrived({ v1: 2, v2: 3, newest: 3 });
    const letters = await eventually('both are dead letters', async () => {
      const { data } = await call('GET', '/dead-letters');
      return data.length === 2 ? data : undefined;
    });
    expect(new Map(letters.map(({ kind, error }) => [kind, error]))).toEqual(
      new Map([
        ['delivery_exhausted', 'cast_failed: the event could not be prepared for sending'],
        [
          'pipeline_error',
          expect.stringMatching(/^order\.created \S+ has no version 1: no amount of jo@example\.com$/),
        ],
      ]),
    );
    // The endpoint is not to blame, and with it no subscription is switched off; people are told of both.
    await eventually('people are told', () => alerts.length === 2);
    expect(alerts.map(({ kind }) => kind).toSorted()).toEqual([
      'dead_letter.delivery_exhausted',
      'dead_letter.pipeline_error',
    ]);
    expect((await call('GET', '/webhooks')).data).toMatchObject(
      Array.from({ length: 3 }, () => ({ state: 'active', failureCount: 0 })),
    );
    await eventually('the rest is published', () => published.length === 5);
    expect(published.map(({ position, version }) => `${position} v${version}`)).toEqual([
      '1 v2',
      '1 v1',
      '2 v2',
      '3 v2',
      '3 v1',
    ]);

    downcast = mended;
    published.length = 0;
    await call('POST', '/dead-letters/replay', {});
    await arrived({ v1: 3, v2: 3, newest: 3 });
    await eventually('it is published again', () => published.length >= 2);
    expect(envelopesOf(receivers.v1.requests)).toEqual(expected(1).slice(0, 3));
    expect(published.map(({ version }) => version)).toEqual([2, 1]);
    expect([receivers.v2.requests.length, receivers.newest.requests.length]).toEqual([3, 3]);
    expect((await call('GET', '/dead-letters')).data).toEqual([]);
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };

interface Letter {
  readonly kind: string;
  readonly error: string;
}
