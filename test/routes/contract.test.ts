import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { composeEvents, type Events, type EventsSettings } from '../../src/kernel/events.ts';
import type { Logger } from '../../src/kernel/ports.ts';
import { verify } from '../../src/kernel/verify.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { EmitTarget } from '../../src/stores/postgres/single-statement.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { openPglite, type TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { authorize, customer, registry, type Json } from '../helpers/letters.ts';
import { always, startReceiver, type Receiver } from '../helpers/receiver.ts';
import { resetDatabase } from '../helpers/reset-database.ts';
import { openStreamClient } from '../helpers/stream-client.ts';
import { hosts, type RunningApp } from './hosts.ts';

interface Inputs {
  'order.created': { readonly total: number };
}

const failures: string[] = [];
const logger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: (message, details) => void failures.push(`${message} ${JSON.stringify(details)}`),
};
const ACME = customer('acme');

let database: TestDatabase;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());
beforeEach(() => resetDatabase(database.sql));

const compose = (settings: Partial<EventsSettings> = {}): Events<Inputs, EmitTarget> =>
  composeEvents<Inputs, EmitTarget>(
    {
      source: '/orders-api',
      logger,
      authorize,
      isTenantRequired: true,
      allowHosts: ['127.0.0.1/32'],
      retryScheduleMs: [5],
      alert: () => undefined,
      ...settings,
    },
    {
      store: { ...createEventStore(database.sql), ...createWebhookStore(database.sql) },
      createTransport: (guard) => nodeHttpTransport({ guard }),
      registry,
    },
  );

describe.each(hosts)('$name', (host) => {
  let events: Events<Inputs, EmitTarget>;
  let app: RunningApp;
  beforeEach(async () => {
    events = compose();
    app = await host.start(events.routes, '');
  });
  afterEach(async () => {
    await events.stop();
    await app.close();
    assert.deepEqual(failures.splice(0), []);
  });

  interface Call {
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
  }
  const call = (method: string, path: string, { body, headers = ACME }: Call = {}): Promise<Response> =>
    fetch(app.origin + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined
        ? {}
        : { body: body instanceof ReadableStream || typeof body === 'string' ? body : JSON.stringify(body) }),
      duplex: 'half',
    } as RequestInit);
  const jsonOf = async (response: Response): Promise<Json> => (await response.json()) as Json;
  const problemOf = async (response: Response): Promise<readonly [number, unknown, unknown]> => [
    response.status,
    response.headers.get('content-type')?.split(';')[0],
    (await jsonOf(response))['code'],
  ];
  /** What a parser of the application refuses, it answers in its own words. */
  const refusalOf = async (response: Response): Promise<readonly unknown[]> => {
    if (host.isParsedFirst !== true) return problemOf(response);
    await response.text();
    return [response.status];
  };
  const refusal = (status: number, code: string): readonly unknown[] =>
    host.isParsedFirst === true ? [status] : [status, 'application/problem+json', code];
  const emit = (count: number): Promise<void> =>
    database.sql.transaction(async (tx) => {
      for (let total = 1; total <= count; total += 1) {
        await events.emit(tx, 'order.created', { tenant: 'acme', subject: 'o-1', data: { total } });
      }
    });

  it('creates, lists, shows, changes and removes a subscription', async () => {
    const wanted = { url: 'http://127.0.0.1:9/hooks', eventTypes: ['order.*'] };
    const created = await call('POST', '/webhooks', { body: wanted });
    const body = await jsonOf(created);
    expect([created.status, body['secret']]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    const path = `/webhooks/${String(body['id'])}`;
    expect(created.headers.get('location')).toBe(path);
    expect(created.headers.get('content-type')).toMatch(/^application\/json/);
    expect(created.headers.get('cache-control')).toBe('no-store');

    expect(await jsonOf(await call('GET', '/webhooks?limit=5'))).toMatchObject({
      data: [{ id: body['id'] }],
    });
    expect(await jsonOf(await call('GET', '/webhooks/'))).toMatchObject({ data: [{ id: body['id'] }] });
    const patch = { headers: { ...ACME, 'content-type': 'application/merge-patch+json' } };
    const changed = await call('PATCH', path, { ...patch, body: { eventTypes: ['order.paid'] } });
    expect(await jsonOf(changed)).toMatchObject({ ...wanted, eventTypes: ['order.paid'] });
    const removed = await call('DELETE', path);
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    expect(await problemOf(await call('GET', path))).toEqual([404, 'application/problem+json', 'not_found']);
  });

  it('answers problem documents', async () => {
    const problem = async (method: string, path: string, more: Call = {}): Promise<readonly unknown[]> =>
      problemOf(await call(method, path, more));
    const type = 'application/problem+json';
    expect(await problem('GET', '/webhooks', { headers: {} })).toEqual([401, type, 'unauthorized']);
    expect(await problem('GET', '/webhooks/a/b/c/d')).toEqual([404, type, 'not_found']);
    expect(await problem('PUT', '/webhooks/a')).toEqual([405, type, 'method_not_allowed']);
    expect(await problem('DELETE', '/events')).toEqual([405, type, 'method_not_allowed']);
    expect(await problem('GET', '/events?since=x')).toEqual([400, type, 'bad_query']);
    expect(await problem('GET', '/events/stream?types=!')).toEqual([400, type, 'bad_query']);
    expect(await problem('POST', '/events/stream')).toEqual([405, type, 'method_not_allowed']);
    expect(await problem('POST', '/webhooks', { body: { url: 1 } })).toEqual([
      422,
      type,
      'validation_failed',
    ]);
    const text = { headers: { ...ACME, 'content-type': 'text/plain' }, body: 'url' };
    expect(await problem('POST', '/webhooks', text)).toEqual([415, type, 'unsupported_media_type']);
    const broken = await call('POST', '/webhooks', { body: '{"url":' });
    expect(await refusalOf(broken)).toEqual(refusal(400, 'malformed_json'));
  });

  it('answers HEAD and OPTIONS', async () => {
    const head = await call('HEAD', '/webhooks');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toMatch(/^application\/json/);
    const stream = await call('HEAD', '/events/stream');
    expect([stream.status, stream.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    const options = await call('OPTIONS', '/webhooks/a');
    expect([options.status, options.headers.get('allow')]).toEqual([
      204,
      'DELETE, GET, HEAD, OPTIONS, PATCH',
    ]);
  });

  it('creates once for one Idempotency-Key', async () => {
    const headers = { ...ACME, 'idempotency-key': 'k-1' };
    const body = { url: 'http://127.0.0.1:9/hooks', eventTypes: ['*'] };
    const first = await jsonOf(await call('POST', '/webhooks', { headers, body }));
    const again = await call('POST', '/webhooks', { headers, body });
    expect([again.status, (await jsonOf(again))['id']]).toEqual([200, first['id']]);
    const other = await call('POST', '/webhooks', { headers, body: { ...body, eventTypes: ['order.*'] } });
    expect(other.status).toBe(422);
  });

  it('takes bodies up to the limit of the kernel, and goes on after longer ones', async () => {
    const wanted = { url: 'http://127.0.0.1:9/hooks', eventTypes: ['*'] };
    const padded = (size: number): string => {
      const text = JSON.stringify(wanted);
      return text.slice(0, -1) + ' '.repeat(size - text.length) + '}';
    };
    expect((await call('POST', '/webhooks', { body: padded(64 * 1024) })).status).toBe(201);
    const long = padded(2 * 1024 * 1024);
    // A server may hang up on who has sent too much, and a client that keeps connections learns of it at its next request.
    const patiently = async (body: () => unknown, tries = 5): Promise<Response> => {
      try {
        return await call('POST', '/webhooks', { body: body() });
      } catch (error) {
        if (tries === 1) throw error;
        return patiently(body, tries - 1);
      }
    };
    for (const body of [() => long, () => new Blob([long]).stream()]) {
      expect(await refusalOf(await patiently(body))).toEqual(refusal(413, 'body_too_large'));
    }
    expect((await patiently(() => wanted)).status).toBe(201);
  });

  it('describes itself', async () => {
    for (const [path, described] of [
      ['/webhooks', '/webhooks/{id}'],
      ['/events', '/events/stream/ticket'],
      ['/dead-letters', '/dead-letters/{id}/replay'],
    ] as const) {
      const document = await jsonOf(await call('GET', `${path}/openapi.json`));
      expect(Object.keys(document['paths'] as Json)).toContain(described);
    }
  });

  it('leaves all other routes, and their parsing, to the application', async () => {
    const order = await call('POST', '/orders', { body: '{ "items": [1] }', headers: {} });
    expect([order.headers.get('x-shop'), await order.text()]).toEqual(['open', '{"items":[1]}']);
    expect(await (await call('GET', '/events/upcoming', { headers: {} })).text()).toBe('"upcoming"');
    const foreign = await call('GET', '/webhooks-of-others');
    expect(foreign.status).toBe(404);
    expect(await foreign.text()).not.toContain('"code":"not_found"');
    // What middleware and hooks set goes out with our answers too.
    expect((await call('GET', '/webhooks')).headers.get('x-shop')).toBe('open');
  });

  describe('with the worker', () => {
    let receiver: Receiver;
    beforeEach(async () => {
      receiver = await startReceiver();
      events.start();
    });
    afterEach(() => receiver.close());

    it('delivers, keeps what was given up, and replays it', async () => {
      const wanted = { url: receiver.url, eventTypes: ['order.created'] };
      const { secret } = await jsonOf(await call('POST', '/webhooks', { body: wanted }));
      receiver.answer = always(500, 'broken');
      await emit(1);
      const letter = await eventually('there is a dead letter', async () => {
        const { data } = await jsonOf(await call('GET', '/dead-letters'));
        return (data as Json[])[0];
      });
      const path = `/dead-letters/${String(letter['id'])}`;
      expect(await jsonOf(await call('GET', path))).toMatchObject({ kind: 'delivery_exhausted' });
      receiver.answer = always(204);
      const before = receiver.requests.length;
      expect((await call('POST', `${path}/replay`)).status).toBe(202);
      await eventually('it has arrived', () => receiver.requests.length > before);
      const { headers = {}, body = Buffer.alloc(0) } = receiver.requests.at(-1) ?? {};
      expect(verify({ headers, body, secrets: [String(secret)] }).ok).toBe(true);
    });

    it('streams 1,000 events without loss, live and after a client has come back', async () => {
      const url = `${app.origin}/events/stream?types=order.*`;
      const live = await openStreamClient(url, ACME);
      expect(live.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(live.headers['x-shop']).toBe(host.hasBareStream === true ? undefined : 'open');
      await emit(500);
      await emit(500);
      const { events: got } = await live.until(1_000);
      const totals = got.map(({ data }) => (JSON.parse(data) as { data: { total: number } }).data.total);
      const expected = Array.from({ length: 500 }, (_, index) => index + 1);
      expect(totals).toEqual([...expected, ...expected]);
      const replay = await openStreamClient(url, {
        ...ACME,
        'last-event-id': got[399]?.lastEventId ?? '',
      });
      expect((await replay.until(600)).events).toEqual(got.slice(400));

      expect(events.stream.clients()).toBe(2);
      live.leave();
      await eventually('the client is gone', () => events.stream.clients() === 1);
      await emit(1);
      await replay.until(601);
      replay.leave();
      await eventually('all clients are gone', () => events.stream.clients() === 0);
    });

    it('gives tickets to browsers, and lets nobody else in', async () => {
      const ticket = await jsonOf(await call('POST', '/events/stream/ticket?types=order.*'));
      const client = await openStreamClient(app.origin + String(ticket['url']));
      await emit(1);
      await client.until(1);
      client.leave();
      expect((await call('GET', '/events/stream', { headers: {} })).status).toBe(401);
    });

    it('does not wait for streams when it closes', async () => {
      const client = await openStreamClient(`${app.origin}/events/stream`, ACME);
      await app.close();
      await client.ended;
      expect(client.reading().retry).toBeGreaterThan(0);
    });
  });
});

describe.each(hosts)('$name, below a path', (host) => {
  it('answers there and nowhere else', async () => {
    const events = compose({ basePath: '/api/v1/' });
    const app = await host.start(events.routes, '/api/v1');
    events.start();
    const base = `${app.origin}/api/v1`;
    const created = await fetch(`${base}/webhooks`, {
      method: 'POST',
      headers: { ...ACME, 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'http://127.0.0.1:9/hooks', eventTypes: ['*'] }),
    });
    expect(created.status).toBe(201);
    const location = created.headers.get('location') ?? '';
    expect(location).toMatch(/^\/api\/v1\/webhooks\/[\w-]+$/);
    expect((await fetch(app.origin + location, { headers: ACME })).status).toBe(200);
    expect((await fetch(`${base}/dead-letters`, { headers: ACME })).status).toBe(200);
    expect((await fetch(`${base}/events`, { headers: ACME })).status).toBe(200);
    const ticket = await fetch(`${base}/events/stream/ticket`, { method: 'POST', headers: ACME });
    const { url } = (await ticket.json()) as { url: string };
    expect(url).toMatch(/^\/api\/v1\/events\/stream\?ticket=/);
    (await openStreamClient(app.origin + url)).leave();

    const outside = await fetch(`${app.origin}/webhooks`, { headers: ACME });
    expect(outside.status).toBe(404);
    expect(await outside.text()).not.toContain('"code":"not_found"');
    await events.stop();
    await app.close();
    expect(failures.splice(0)).toEqual([]);
  });
});
