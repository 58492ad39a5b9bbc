import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UnpublishableError } from '../../src/kernel/errors.ts';
import { composeEvents } from '../../src/kernel/events.ts';
import type { Events, EventsSettings } from '../../src/kernel/events.ts';
import { METRICS } from '../../src/kernel/metrics.ts';
import type { GaugeSample, Metrics } from '../../src/kernel/metrics.ts';
import type { Logger } from '../../src/kernel/ports.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { EmitTarget } from '../../src/stores/postgres/single-statement.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { openPglite } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { registry } from '../helpers/letters.ts';
import { always, startReceiver } from '../helpers/receiver.ts';
import { resetDatabase } from '../helpers/reset-database.ts';

interface Inputs {
  'order.created': { readonly total: number };
}

const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('an application that is put together', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openPglite();
  });
  afterAll(() => database.close());
  beforeEach(() => resetDatabase(database.sql));

  const compose = (settings: Partial<EventsSettings>): Events<Inputs, EmitTarget> =>
    composeEvents<Inputs, EmitTarget>(
      { source: '/orders-api', logger: silent, allowHosts: ['127.0.0.1/32'], ...settings },
      {
        store: { ...createEventStore(database.sql), ...createWebhookStore(database.sql) },
        createTransport: (guard) => nodeHttpTransport({ guard }),
        registry,
      },
    );
  const post = (events: Events<Inputs, EmitTarget>, body: unknown): Promise<Response> =>
    events.webhooks(
      new Request('http://localhost/webhooks', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );

  it('measures everything that it says it does', async () => {
    const measured = new Set<string>();
    const gauges: (() => readonly GaugeSample[])[] = [];
    const metrics: Metrics = {
      count: (name) => void measured.add(name),
      observe: (name) => void measured.add(name),
      watch: (read) => void gauges.push(read),
    };
    const receiver = await startReceiver();
    const faults = [new Error('ECONNREFUSED'), new UnpublishableError('evt_1', 'too large')];
    const events = compose({
      metrics,
      onInvalid: 'dead-letter',
      retryScheduleMs: [],
      alert: () => undefined,
      publishers: [
        {
          name: 'redis-streams',
          publish: async () => {
            const fault = faults.shift();
            if (fault !== undefined) throw fault;
          },
          close: () => Promise.resolve(),
        },
      ],
    });
    await post(events, { url: receiver.url, eventTypes: ['*'] });
    receiver.answer = always(500);
    events.start();
    const emit = (total: number, eventId?: string): Promise<unknown> =>
      database.sql.transaction((tx) => events.emit(tx, 'order.created', { data: { total }, eventId }));
    await emit(-1);
    await emit(1, 'evt_1');
    await emit(1);
    await eventually(
      'both went their ways',
      () => faults.length === 0 && measured.has('evtgen_events_published_total'),
    );
    await eventually('it is given up', () => receiver.requests.length >= 2);
    const names = (): string[] => {
      for (const read of gauges) for (const { name } of read()) measured.add(name);
      return [...measured].toSorted();
    };
    await eventually('all is measured', () => names().length === Object.keys(METRICS).length);
    await events.stop();
    await receiver.close();
    expect(names()).toEqual(Object.keys(METRICS).toSorted());
  });

  it.each([
    ['reminds once of events without a tenant, where customers have tenants', {}, { tenant: 'acme' }, 1],
    ['but not where that is decided', { isTenantRequired: true }, { tenant: 'acme' }, 0],
    ['nor where it is meant', { isTenantRequired: false }, { tenant: 'acme' }, 0],
    ['nor where there are no tenants', {}, {}, 0],
  ] as const)('%s', async (_, settings, access, count) => {
    const warnings: string[] = [];
    const events = compose({
      ...settings,
      authorize: () => access,
      logger: { ...silent, warn: (message) => void warnings.push(message) },
    });
    for (let requests = 1; requests <= 2; requests += 1) {
      const response = await events.webhooks(new Request('http://localhost/webhooks'));
      expect(response.status).toBe(200);
    }
    await events.stop();
    expect(warnings.filter((message) => message.includes('isTenantRequired'))).toHaveLength(count);
  });
});
