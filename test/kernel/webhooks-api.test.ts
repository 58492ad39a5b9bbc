import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../src/kernel/address-guard.ts';
import { createDeadLettersApi } from '../../src/kernel/dead-letters-api.ts';
import { createDeliver } from '../../src/kernel/deliver.ts';
import type { Deliver } from '../../src/kernel/deliver.ts';
import type { Authorize, Handler } from '../../src/kernel/http-api.ts';
import { nodeListener } from '../../src/kernel/node-listener.ts';
import type { Transport } from '../../src/kernel/ports.ts';
import type { EventRegistry } from '../../src/kernel/registry.ts';
import { createSecretBox, plainSecretBox } from '../../src/kernel/secret-box.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createWebhookDelivery } from '../../src/kernel/webhook-delivery.ts';
import type { Endpoint } from '../../src/kernel/subscription-ports.ts';
import { createWebhooksApi } from '../../src/kernel/webhooks-api.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { databaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { newEvent } from '../helpers/events.ts';
import { always, startReceiver } from '../helpers/receiver.ts';
import type { Receiver } from '../helpers/receiver.ts';
import { resetDatabase } from '../helpers/reset-database.ts';

type Json = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

const isPositive = (input: unknown): boolean => ((input as { total?: number }).total ?? 0) > 0;
const registry: EventRegistry = Object.fromEntries(
  (['order.created', 'order.paid', 'user.updated', 'user.logged_in'] as const).map((eventType) => [
    eventType,
    {
      eventType,
      version: 1,
      audience: eventType === 'user.logged_in' ? 'internal' : 'public',
      schema: {
        safeParse: (input: unknown) =>
          isPositive(input)
            ? { success: true, data: input }
            : { success: false, error: { issues: [{ path: ['total'], message: 'must be positive' }] } },
      },
    },
  ]),
);

describe.each(databaseKinds)('the webhook APIs on $kind', ({ open }) => {
  let database: TestDatabase;
  let store: ReturnType<typeof createEventStore> & ReturnType<typeof createWebhookStore>;
  let receiver: Receiver;
  let server: Server;
  let origin: string;
  let transport: Transport;
  let deliver: Deliver;
  let webhooks: Handler;
  let deadLettersApi: Handler;
  const outboxSignal = createSignal();
  const logSignal = createSignal();
  const dueSignal = createSignal();
  const secretBox = createSecretBox([{ id: 'k1', key: new Uint8Array(32).fill(9) }]);
  const guard = createAddressGuard({
    allow: ['127.0.0.1/32'],
    resolve: (host) =>
      host === 'inside.example'
        ? Promise.resolve([{ address: '10.0.0.1', family: 4 }])
        : Promise.reject(new Error('ENOTFOUND')),
  });
  const authorize: Authorize = (request) => {
    const tenant = request.headers.get('x-tenant');
    return tenant === null ? undefined : { tenant, isOperator: request.headers.has('x-customer') === false };
  };

  beforeAll(async () => {
    database = await open();
    const { sql } = database;
    store = {
      ...createEventStore(sql),
      ...createWebhookStore(sql),
    };
    receiver = await startReceiver();
    transport = nodeHttpTransport({ guard });
    deliver = createDeliver({ transport, secretBox });
    webhooks = createWebhooksApi({
      store,
      registry,
      endpointRules: { guard },
      deliver,
      source: '/orders-api',
      authorize,
      secretBox,
      dueSignal,
    });
    deadLettersApi = createDeadLettersApi<SqlClient>({
      store,
      registry,
      authorize,
      dueSignal,
      onEmitted: () => outboxSignal.notify(),
    });
    server = createServer(
      nodeListener((request) =>
        new URL(request.url).pathname.startsWith('/dead-letters')
          ? deadLettersApi(request)
          : webhooks(request),
      ),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await receiver.close();
    await transport.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await database.close();
  });

  beforeEach(async () => {
    await resetDatabase(database.sql);
    receiver.requests.length = 0;
    receiver.answer = always(204);
  });

  async function call(
    method: string,
    path: string,
    body?: unknown,
    tenant = 'acme',
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const headers: Record<string, string> = { 'x-tenant': tenant, ...more };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(origin + path, { method, headers, body: JSON.stringify(body) ?? null });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as Json),
    };
  }

  const create = (more: Json = {}, tenant?: string): Promise<Answer> =>
    call('POST', '/webhooks', { url: receiver.url, eventTypes: ['order.*'], ...more }, tenant);

  async function withWorker(run: () => Promise<void>): Promise<void> {
    const delivery = createWebhookDelivery({
      store,
      deliver,
      logSignal,
      dueSignal,
      retryScheduleMs: [5],
      idlePollMs: 10,
    });
    const worker = createWorker({
      parts: [createSequencer({ store, outboxSignal, logSignal }), ...delivery],
    });
    worker.start();
    try {
      await run();
    } finally {
      await worker.stop();
    }
  }

  async function emit(tenant = 'acme'): Promise<string> {
    const event = newEvent({ tenant });
    await database.sql.transaction((tx) => store.log.append(tx, event));
    outboxSignal.notify();
    return event.eventId;
  }

  describe('subscriptions', () => {
    it('are created with a secret that is shown once and stored sealed', async () => {
      const created = await create({ description: 'orders', headers: { 'X-Api-Key': 'k' } });
      expect(created.status).toBe(201);
      expect(created.body).toEqual({
        id: expect.any(String),
        url: receiver.url,
        eventTypes: ['order.*'],
        description: 'orders',
        headerNames: ['x-api-key'],
        payload: 'envelope',
        versions: { 'order.created': 1, 'order.paid': 1 },
        isOrdered: false,
        maxPerSecond: null,
        retrySchedule: null,
        state: 'active',
        stateReason: null,
        failureCount: 0,
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      });
      expect(created.headers.get('location')).toBe(`/webhooks/${String(created.body['id'])}`);
      const shown = await call('GET', `/webhooks/${String(created.body['id'])}`);
      const { secret, ...rest } = created.body;
      expect([shown.status, shown.body]).toEqual([200, rest]);
      const { rows } = await database.sql.query(`select secret, headers from evtgen.subscriptions`, []);
      expect(JSON.stringify(rows)).not.toContain(String(secret).slice(6));
      expect(JSON.stringify(rows)).toContain('sealed.k1.');
    });

    it('send their custom headers', async () => {
      await create({ headers: { 'X-Api-Key': 'k' } });
      await withWorker(async () => {
        await emit();
        await eventually('it arrived', () => receiver.requests.length === 1);
      });
      expect(receiver.requests[0]?.headers['x-api-key']).toBe('k');
    });

    it.each<[Json, string, RegExp]>([
      [{ url: 'nonsense' }, '#/url', /absolute URL/],
      [{ url: 5 }, '#/url', /string/],
      [{ url: 'http://example.com' }, '#/url', /https/],
      [{ url: 'https://10.0.0.1/' }, '#/url', /public addresses/],
      [{ url: 'https://inside.example/' }, '#/url', /public addresses/],
      [{ url: 'https://missing.example/' }, '#/url', /public addresses/],
      [{ eventTypes: [] }, '#/eventTypes', /array/],
      [{ eventTypes: 'order.*' }, '#/eventTypes', /array/],
      [
        { eventTypes: ['order.created', 'order.creatd'] },
        '#/eventTypes/1',
        /order\.created, order\.paid, user\.updated$/,
      ],
      [{ eventTypes: ['user.logged_in'] }, '#/eventTypes/0', /matches no event type/],
      [{ eventTypes: ['*.created'] }, '#/eventTypes/0', /pattern/],
      [{ headers: { 'Webhook-Id': 'a' } }, '#/headers/Webhook-Id', /set by the sender/],
      [{ headers: { 'a/b~c': 'a' } }, '#/headers/a~1b~0c', /no header name/],
      [{ description: 'x'.repeat(501) }, '#/description', /500/],
      [{ event_types: ['a'] }, '#/event_types', /unknown/],
    ])('refuse %j with a pointer to the field', async (change, pointer, detail) => {
      const refused = await create(change);
      expect(refused.status).toBe(422);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(refused.body).toMatchObject({
        status: 422,
        code: 'validation_failed',
        title: 'Unprocessable Content',
      });
      expect(refused.body['errors']).toEqual([{ pointer, detail: expect.stringMatching(detail) }]);
    });

    it('answer wrong methods, types, bodies and queries with the right status', async () => {
      const put = await call('PUT', '/webhooks', {});
      expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
      expect((await call('GET', '/webhooks/none/other')).status).toBe(404);
      const post = (body: string, type: string): Promise<Response> =>
        fetch(`${origin}/webhooks`, {
          method: 'POST',
          body,
          headers: { 'content-type': type, 'x-tenant': 'acme' },
        });
      expect((await post('url=a', 'application/x-www-form-urlencoded')).status).toBe(415);
      expect((await post('{', 'application/json')).status).toBe(400);
      expect((await post('[]', 'application/json')).status).toBe(400);
      expect((await post(`"${'x'.repeat(70_000)}"`, 'application/json')).status).toBe(413);
      for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=%20', 'cursor=Jyc']) {
        expect((await call('GET', `/webhooks?${query}`)).status).toBe(400);
      }
      const anonymous = await fetch(`${origin}/webhooks`);
      expect(anonymous.status).toBe(401);
      const head = await fetch(`${origin}/webhooks`, { method: 'HEAD', headers: { 'x-tenant': 'acme' } });
      expect([head.status, await head.text()]).toEqual([200, '']);
    });

    it('are listed page by page', async () => {
      const ids: unknown[] = [];
      for (let count = 0; count < 5; count += 1) ids.push((await create()).body['id']);
      const seen: unknown[] = [];
      let cursor = '';
      do {
        const page = await call('GET', `/webhooks?limit=2${cursor}`);
        seen.push(...(page.body['data'] as Json[]).map((item) => item['id']));
        cursor = page.body['nextCursor'] === null ? '' : `&cursor=${String(page.body['nextCursor'])}`;
      } while (cursor !== '');
      expect(seen).toEqual(ids);
    });

    it('are gone after DELETE', async () => {
      const path = `/webhooks/${String((await create()).body['id'])}`;
      expect((await call('DELETE', path)).status).toBe(204);
      expect((await call('DELETE', path)).status).toBe(404);
      expect((await call('GET', path)).status).toBe(404);
      expect((await call('GET', '/webhooks')).body['data']).toEqual([]);
    });

    it('show their deliveries with attempts, and park them when they are stopped', async () => {
      const path = `/webhooks/${String((await create()).body['id'])}`;
      receiver.answer = always(410, 'gone');
      await withWorker(async () => {
        const eventId = await emit();
        await eventually(
          'it is deactivated',
          async () => (await call('GET', path)).body['state'] === 'deactivated',
        );
        const parked = await eventually('the delivery shows', async () => {
          const [first] = (await call('GET', `${path}/deliveries`)).body['data'] as Json[];
          return first;
        });
        expect(parked).toMatchObject({ eventId, state: 'parked', position: 1, nextAttemptAt: null });
        expect(parked['attempts']).toMatchObject([{ status: 410, body: 'gone' }]);
        receiver.answer = always(200);
        expect((await call('POST', `${path}/enable`, { from: 'now' })).status).toBe(422);
        const enabled = await call('POST', `${path}/enable`, { from: 'resume' });
        expect(enabled.body).toMatchObject({ state: 'active', stateReason: null });
        await eventually('it is delivered', async () => {
          const [first] = (await call('GET', `${path}/deliveries`)).body['data'] as Json[];
          return first?.['state'] === 'delivered';
        });
      });
    });
  });

  it('refuses to start in production without authorize or an encryption key', () => {
    const base = {
      store,
      registry,
      endpointRules: { guard },
      deliver,
      source: '/orders-api',
      isProduction: true,
    };
    expect(() => createWebhooksApi({ ...base, secretBox })).toThrow(/authorize/);
    expect(() => createWebhooksApi({ ...base, authorize })).toThrow(/encryption key/);
    expect(() => createWebhooksApi({ ...base, authorize, secretBox: plainSecretBox })).toThrow(
      /encryption key/,
    );
    expect(createWebhooksApi({ ...base, authorize, secretBox })).toBeTypeOf('function');
    expect(() => createDeadLettersApi<SqlClient>({ store, registry, isProduction: true })).toThrow(
      /authorize/,
    );
  });

  it('answers a bug with 500 and no detail', async () => {
    const api = createWebhooksApi({
      store,
      registry,
      endpointRules: { guard },
      deliver,
      source: '/orders-api',
      authorize: () => ({ tenant: '' }),
    });
    const response = await api(new Request('http://localhost/webhooks'));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/tenant|stack|at /);
  });

  it('records a secret that cannot be opened as a failed attempt', async () => {
    const id = String((await create()).body['id']);
    const [endpoint] = await store.subscriptions.endpoints();
    const deliver = createDeliver({ transport: nodeHttpTransport({ guard }), secretBox: plainSecretBox });
    const outcome = await deliver(endpoint as Endpoint, newEvent({}));
    expect(outcome).toMatchObject({ isSuccess: false, attempt: { failure: 'internal' } });
    expect(outcome.ownFault).toContain(id);
    expect(outcome.attempt.error).not.toContain(id);
    expect(receiver.requests).toEqual([]);
  });
});
