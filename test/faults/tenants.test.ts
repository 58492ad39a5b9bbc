import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeEvents, type Events } from '../../src/kernel/events.ts';
import type { Handler } from '../../src/kernel/http-api.ts';
import type { EventRegistry } from '../../src/kernel/registry.ts';
import { pgSql } from '../../src/stores/pg.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { authorizeByHeader, type Json } from '../helpers/webhooks-app.ts';
import { judge, type CommittedChange, type ObservedEvent } from './judge.ts';
import { followStream, type StreamFollower } from './observers.ts';
import { committedRevisions, isWorkedOff, observedFrom, startChanges, type Order } from './pipeline.ts';
import {
  figuresOf,
  NOTHING_AMISS,
  PATIENCE_MS,
  rounds,
  seed,
  TENANTS,
  TEST_TIMEOUT_MS,
  usePipeline,
} from './use-pipeline.ts';

type Tenant = (typeof TENANTS)[number];
type OrderEnvelope = Parameters<typeof observedFrom>[0];
type ShopEvents = Events<Record<string, unknown>, SqlClient>;

const OTHER: Readonly<Record<Tenant, Tenant>> = { even: 'odd', odd: 'even' };

/** The schema refuses these, which are then pipeline errors. */
const isRefused = (revision: number): boolean => revision % 4 === 3;

const registry: EventRegistry = {
  'order.updated': {
    eventType: 'order.updated',
    version: 1,
    audience: 'public',
    schema: {
      safeParse: (data) =>
        isRefused((data as Order).revision)
          ? { success: false, error: { issues: [{ path: ['revision'], message: 'is not for sale' }] } }
          : { success: true, data },
    },
  },
};

/** What only ever stands in something of this tenant: its data, its descriptions, and the name in a field. */
const marksOf = (tenant: Tenant): string[] => [`belongs to ${tenant}`, `"tenant":"${tenant}"`];

describe.skipIf(isMissing(postgres))('two tenants under load', () => {
  const pipeline = usePipeline();
  let events: ShopEvents;

  beforeEach(() => {
    const sql = pgSql(pipeline.database.connect());
    const settings = {
      source: '/orders-api',
      authorize: authorizeByHeader,
      isProduction: false,
      onInvalid: 'dead-letter' as const,
      allowHosts: ['127.0.0.1'],
      retryScheduleMs: [20, 40],
      // Nobody is switched off: an endpoint that fails is part of it.
      deactivateAfter: { failures: 1_000_000, unit: 'delivery' as const },
      alert: () => undefined,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    };
    events = composeEvents<Record<string, unknown>, SqlClient>(settings, {
      store: { ...createEventStore(sql), ...createWebhookStore(sql) },
      registry,
      createTransport: (guard) => nodeHttpTransport({ guard }),
    });
  });

  afterEach(() => events.stop());

  it(
    'see everything of their own and nothing of each other',
    async () => {
      const { database, receiver } = pipeline;
      receiver.answer = ({ path }, response) =>
        void response.writeHead(path.startsWith('/hooks/failing') ? 500 : 204).end();
      // Paths of what each has, for the other one to ask for.
      const known = { even: new Set<string>(), odd: new Set<string>() };
      const watched = TENANTS.map((tenant) => watch(tenant, events, known));
      await Promise.all(watched.map((each) => each.begin(`${receiver.url}/failing/${each.tenant}`)));
      events.start();
      const changes = startChanges(database.url, pipeline.random, {
        concurrency: 2,
        emit: (client, order) =>
          events.emit(client, 'order.updated', {
            subject: order.id,
            tenant: order.tenant,
            data: { revision: order.revision, note: `belongs to ${order.tenant}` },
          }),
      });
      const looking = watched.map((each) => each.lookAround());
      await waitUntil(() => changes.confirmed() >= 75 * rounds, PATIENCE_MS * rounds);
      await changes.stop();
      // Their replays would go on for ever.
      for (const each of watched) each.stop();
      await Promise.all(looking);
      await waitUntil(() => isWorkedOff(database.pool), PATIENCE_MS);

      for (const { tenant, result } of watched) {
        const own = (await committedRevisions(database.pool, tenant)).filter(isEvent);
        const { stream, log, history, texts, letters, refusals } = await result();
        const bodies = receiver.requests
          .filter(({ path }) => path === `/hooks/${tenant}` || path === `/hooks/failing/${tenant}`)
          .map(({ body }) => body.toString('utf8'));
        const seen: Record<string, readonly ObservedEvent[]> = {
          stream,
          log,
          history,
          webhooks: pipeline.webhooksOf(tenant),
        };
        const figures = Object.entries(seen).map(([name, all]) => `${name} ${figuresOf(judge(own, all))}`);
        process.stderr.write(
          `tenant ${tenant}: seed ${seed}, ${own.length} changes committed, ${figures.join(', ')}; ` +
            `${texts.length} answers and ${bodies.length} webhooks read, ${letters.size} dead letters, ` +
            `${refusals} requests for what is the other's refused\n`,
        );
        for (const [name, all] of Object.entries(seen)) {
          const verdict = judge(own, all);
          // Webhooks promise no order.
          expect([
            name,
            { ...verdict, reordered: name === 'webhooks' ? [] : verdict.reordered },
          ]).toMatchObject([name, NOTHING_AMISS]);
        }
        const leaks = [...texts, ...bodies].filter((text) =>
          marksOf(OTHER[tenant]).some((mark) => text.includes(mark)),
        );
        expect(leaks).toEqual([]);
        expect([...texts, ...bodies].some((text) => text.includes(`belongs to ${tenant}`))).toBe(true);
        expect([...new Set(letters.values())].toSorted()).toEqual(['delivery_exhausted', 'pipeline_error']);
        expect(refusals).toBeGreaterThan(10);
      }
    },
    TEST_TIMEOUT_MS,
  );
});

const isEvent = ({ eventType }: CommittedChange): boolean =>
  isRefused(Number(eventType.split(' ')[1])) === false;

/** Everything that a tenant and its people can ask for, again and again. */
function watch(tenant: Tenant, events: ShopEvents, known: Readonly<Record<Tenant, Set<string>>>) {
  const texts: string[] = [];
  const log: ObservedEvent[] = [];
  const letters = new Map<string, string>();
  const own = known[tenant];
  let stream: StreamFollower<ObservedEvent>;
  let webhook = '';
  let position = 0;
  let [calls, refusals] = [0, 0];
  const stopped = new AbortController();

  async function call(handler: Handler, method: string, path: string, body?: Json): Promise<[number, Json]> {
    // Every third time as a customer, else as one of the tenant's own operators.
    const headers: Record<string, string> = { 'x-tenant': tenant, 'content-type': 'application/json' };
    calls += 1;
    if (calls % 3 === 0) headers['x-customer'] = 'yes';
    const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
    const response = await handler(new Request(`http://localhost${path}`, init));
    const text = await response.text();
    texts.push(text);
    return [response.status, text === '' ? {} : (JSON.parse(text) as Json)];
  }

  const listOf = (body: Json): Json[] => body['data'] as Json[];

  /** Whether there is more. */
  async function followLog(): Promise<boolean> {
    const [, page] = await call(events.log, 'GET', `/events?since=${position}`);
    for (const event of listOf(page)) log.push(observedFrom(event as unknown as OrderEnvelope));
    position = Number(page['position']);
    return page['nextCursor'] !== null;
  }

  async function lookAtWebhooks(): Promise<void> {
    const [, list] = await call(events.webhooks, 'GET', '/webhooks');
    for (const each of listOf(list)) own.add(`/webhooks/${String(each['id'])}`);
    const [, deliveries] = await call(events.webhooks, 'GET', `${webhook}/deliveries`);
    for (const { eventId } of listOf(deliveries).slice(0, 2)) {
      await call(events.webhooks, 'GET', `${webhook}/deliveries/${String(eventId)}`);
      own.add(`${webhook}/deliveries/${String(eventId)}`);
    }
  }

  async function lookAtDeadLetters(): Promise<void> {
    for (const kind of ['delivery_exhausted', 'pipeline_error']) {
      const [status, list] = await call(events.deadLetters, 'GET', `/dead-letters?kind=${kind}&limit=5`);
      for (const { id } of status === 200 ? listOf(list) : []) {
        const [found] = await call(events.deadLetters, 'GET', `/dead-letters/${String(id)}`);
        if (found === 200) letters.set(String(id), kind);
        own.add(`/dead-letters/${String(id)}`);
      }
    }
    await call(events.deadLetters, 'POST', '/dead-letters/replay', { kind: 'delivery_exhausted', limit: 2 });
  }

  /** Whatever the other one has does not exist here. */
  async function tryTheOthers(): Promise<void> {
    for (const path of [...known[OTHER[tenant]]].slice(-8)) {
      const handler = path.startsWith('/webhooks') ? events.webhooks : events.deadLetters;
      const [status] = await call(handler, 'GET', path);
      if (status !== 404) throw new Error(`GET ${path} of the other tenant answered ${status}`);
      refusals += 1;
    }
    const [status] = await call(events.log, 'GET', `/events?tenant=${OTHER[tenant]}`);
    if (status !== 403) throw new Error(`asking for the events of the other tenant answered ${status}`);
    for (const subject of ['1', '2']) {
      for await (const event of events.history(subject, { tenant, limit: 20 }))
        texts.push(JSON.stringify(event));
    }
  }

  return {
    tenant,

    async begin(failingUrl: string): Promise<void> {
      const headers = { 'x-tenant': tenant, 'x-customer': 'yes' };
      stream = await followStream(
        events.stream,
        (envelope: OrderEnvelope, text) => {
          texts.push(text);
          return observedFrom(envelope);
        },
        headers,
      );
      const wish = { url: failingUrl, eventTypes: ['*'], description: `belongs to ${tenant}` };
      const [status, created] = await call(events.webhooks, 'POST', '/webhooks', wish);
      if (status !== 201) throw new Error(JSON.stringify(created));
      webhook = `/webhooks/${String(created['id'])}`;
    },

    async lookAround(): Promise<void> {
      while (stopped.signal.aborted === false) {
        await followLog();
        await lookAtWebhooks();
        await lookAtDeadLetters();
        await tryTheOthers();
      }
    },

    stop: () => stopped.abort(),

    async result() {
      while (await followLog());
      const history: ObservedEvent[] = [];
      for (let subject = 1; subject <= 20; subject += 1) {
        for await (const event of events.history(subject, { tenant })) {
          texts.push(JSON.stringify(event));
          history.push(observedFrom(event as unknown as OrderEnvelope));
        }
      }
      return { stream: stream.observed, log, history, texts, letters, refusals };
    },
  };
}
