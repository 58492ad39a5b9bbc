import { beforeEach, describe, expect, it } from 'vitest';
import { createSecret } from '../../src/kernel/secret.ts';
import { createExchanges } from '../../src/serve/exchanges.ts';
import { ownKernel } from '../../src/serve/kernel-modules.ts';
import { createLiveUpdates } from '../../src/serve/live.ts';
import { createOriginRule } from '../../src/serve/origin-guard.ts';
import { createReceivers } from '../../src/serve/receivers/receivers.ts';
import { loadRegistry } from '../../src/serve/registry.ts';
import type { Emit } from '../../src/serve/publish-event.ts';
import { createRoutes } from '../../src/serve/routes.ts';

const ORIGIN = 'http://127.0.0.1:4400';
const SECRET = createSecret();

let app: Awaited<ReturnType<typeof createApp>>;

beforeEach(async () => {
  app = await createApp();
});

describe('publishing', () => {
  it('takes any well-formed type where there is no catalog', async () => {
    const good = await post('/events', '{"type":"order.created","data":{"a":1}}', {});
    expect([good.status, await good.json()]).toEqual([202, { eventId: 'evt_order.created' }]);
    const bad = await post('/events', '{"type":"Order Created"}', {});
    expect([bad.status, await bad.json()]).toMatchObject([422, { code: 'unknown_event_type' }]);
  });

  it('takes a list, and says which of it is wrong', async () => {
    const good = await post('/events', '[{"type":"order.created"},{"type":"order.paid"}]', {});
    expect(await good.json()).toEqual({ eventIds: ['evt_order.created', 'evt_order.paid'] });
    const bad = await post('/events', '[{"type":"order.created"},{}]', {});
    expect([bad.status, await bad.json()]).toMatchObject([422, { errors: [{ pointer: '#/1/type' }] }]);
  });

  it.each([
    ['[]', 422, 'validation_failed'],
    ['{', 400, 'invalid_json'],
    ['{}', 422, 'validation_failed'],
    ['{"type":"a.b","extra":1}', 422, 'validation_failed'],
  ])('refuses %s', async (body, status, code) => {
    const response = await post('/events', body, {});
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
  });

  it('refuses more than a megabyte', async () => {
    expect((await post('/events', Buffer.alloc(1024 * 1024 + 1), {})).status).toBe(413);
  });
});

describe('other sites', () => {
  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '10.0.0.1:4400', '', 'a b'])(
    'cannot reach it under the host name %j',
    async (host) => {
      const response = await app.request(`${ORIGIN}/healthz`, { headers: { host } });
      expect([response.status, await response.json()]).toMatchObject([403, { code: 'foreign_host' }]);
    },
  );

  it.each(['localhost:4400', '127.0.0.1', '[::1]:4400', 'shop.localhost'])(
    'may be called %s',
    async (host) => {
      expect((await app.request(`${ORIGIN}/healthz`, { headers: { host } })).status).toBe(200);
    },
  );

  it.each(['https://evil.example', 'null', 'http://localhost.evil.example'])(
    'cannot post from %s',
    async (origin) => {
      const response = await post('/events', '{"type":"a.b"}', { origin });
      expect([response.status, await response.json()]).toMatchObject([403, { code: 'foreign_origin' }]);
    },
  );
});

describe('another page of this machine', () => {
  const origin = 'http://localhost:3000';
  const authorization = 'Bearer its-token';

  it.each([{ origin }, { 'sec-fetch-site': 'cross-site' }, { origin, authorization: 'Bearer another' }])(
    'cannot write with %j',
    async (headers) => {
      const response = await post('/events', '{"type":"a.b"}', headers as Record<string, string>);
      expect([response.status, await response.json()]).toMatchObject([403, { code: 'token_required' }]);
    },
  );

  it('writes with the token, which its browser asks for first', async () => {
    const asked = await send('OPTIONS', '/events', undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    const response = await post('/events', '{"type":"a.b"}', { origin, authorization });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([202, origin]);
  });

  it('is not let read the secret by its browser, unless it has the token', async () => {
    const allowed = async (headers: Record<string, string>): Promise<string | null> =>
      (await send('GET', '/_serve/secret', undefined, headers)).headers.get('access-control-allow-origin');
    expect(await allowed({ origin })).toBeNull();
    expect(await allowed({ origin, authorization: 'Bearer another' })).toBeNull();
    expect(await allowed({ origin, authorization })).toBe(origin);
  });

  it('is our own page, which needs none', async () => {
    for (const headers of [{ origin: 'http://127.0.0.1:4400' }, { 'sec-fetch-site': 'same-origin' }]) {
      const response = await post('/events', '{"type":"a.b"}', headers as Record<string, string>);
      expect(response.status).toBe(202);
    }
  });
});

describe('errors', () => {
  it('answers 404 and 500 as problem documents', async () => {
    expect((await send('GET', '/nothing')).status).toBe(404);
    const broken = await send('GET', '/_serve/overview');
    expect([broken.status, await broken.json()]).toMatchObject([500, { code: 'internal_error' }]);
  });
});

const one: Emit['one'] = async ({ type }) => ({ eventId: `evt_${type}` });
const emit: Emit = { one, all: (run) => run(one) };

async function createApp() {
  const live = createLiveUpdates();
  live.close();
  const none = async (): Promise<Response> => new Response();
  return createRoutes({
    registry: await loadRegistry('/nonexistent'),
    kernel: ownKernel,
    emit,
    receivers: createReceivers({
      secretsOf: async () => [],
      moveTo: async () => undefined,
      onReceived: () => undefined,
      onChange: () => undefined,
    }),
    live,
    page: { html: () => new Response('page'), file: () => undefined },
    webhooks: none,
    log: none,
    deadLetters: none,
    stream: { handle: none, ticket: none },
    envelope: async () => undefined,
    overview: () => Promise.reject(new Error('out of order')),
    health: () => Promise.resolve({ ok: true, reasons: [], parts: [], readers: [] }),
    secret: async () => SECRET,
    isReadOnly: false,
    originRule: createOriginRule('its-token'),
    exchanges: createExchanges(() => undefined),
    onError: () => undefined,
  });
}

async function send(
  method: string,
  path: string,
  body?: string | Uint8Array,
  headers: Record<string, string> = {},
) {
  return app.request(ORIGIN + path, {
    method,
    body: body === undefined ? null : Buffer.from(body),
    headers: { host: '127.0.0.1:4400', ...headers },
  });
}

async function post(
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
): Promise<Response> {
  return send('POST', path, body, headers);
}
