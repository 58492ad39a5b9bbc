import { beforeEach, describe, expect, it } from 'vitest';
import { createSecret } from '../../src/kernel/secret.ts';
import { signatureHeaders } from '../../src/kernel/sign.ts';
import { createLiveUpdates } from '../../src/serve/live.ts';
import { createReceivers } from '../../src/serve/receivers.ts';
import { loadRegistry } from '../../src/serve/registry.ts';
import { createRoutes } from '../../src/serve/routes.ts';

const ORIGIN = 'http://127.0.0.1:4400';
const SECRETS = [createSecret(), createSecret()];

let changes: number;
let app: Awaited<ReturnType<typeof createApp>>;

beforeEach(async () => {
  changes = 0;
  app = await createApp();
});

describe('a built-in receiver', () => {
  it('verifies the bytes it gets, with any secret that signs for it', async () => {
    const body = Buffer.from('{"eventType":"order.created","data":{"name":"Zoë"}}');
    const response = await post('/_receive/default', body, signed(body, [SECRETS[1] ?? '']));
    expect([response.status, await response.json()]).toEqual([200, { verified: true }]);
    const { requests, received, verified } = await get('/_receive/default/requests');
    expect({ received, verified }).toEqual({ received: 1, verified: 1 });
    expect(requests).toMatchObject([
      {
        number: 1,
        method: 'POST',
        eventType: 'order.created',
        answered: 200,
        body: '{"eventType":"order.created","data":{"name":"Zoë"}}',
        verification: { ok: true, code: null, message: 'secret 2 of 2' },
      },
    ]);
  });

  it('records what does not verify, and why', async () => {
    await post('/_receive/default', '{}', signed(Buffer.from('{ }'), SECRETS));
    await post('/_receive/default', Buffer.from([0xff]), {});
    await post('/_receive/unknown', '{}', {});
    expect((await get('/_receive/default/requests')).requests).toMatchObject([
      { verification: { ok: false, code: 'signature_mismatch' } },
      { verification: { ok: false, code: 'header_missing' }, bodyBase64: '/w==', eventType: null },
    ]);
    expect((await get('/_receive/unknown/requests')).requests).toMatchObject([
      { verification: { code: 'no_secret' } },
    ]);
  });

  it('fails as told: always, the next few, and not any more', async () => {
    const statuses = async (count: number): Promise<number[]> => {
      const found = [];
      for (let index = 0; index < count; index++) found.push((await post('/_receive/a', '{}', {})).status);
      return found;
    };
    expect(await statuses(1)).toEqual([200]);
    expect(await behave({ status: 503 })).toEqual({ status: 503, failNext: 0, delayMs: 0 });
    expect(await statuses(2)).toEqual([503, 503]);
    await behave({ failNext: 2 });
    expect(await statuses(3)).toEqual([500, 500, 200]);
    await behave({ failNext: 1, status: 410 });
    expect(await statuses(2)).toEqual([410, 200]);
    await behave({ status: 204 });
    expect(await statuses(1)).toEqual([204]);
    await behave({});
    expect(await statuses(1)).toEqual([200]);
    expect(await get('/_receive/a/behaviour')).toEqual({ status: 200, failNext: 0, delayMs: 0 });
    expect(await get('/_receive/b/behaviour')).toEqual({ status: 200, failNext: 0, delayMs: 0 });
  });

  it('answers late where a delay is set', async () => {
    await behave({ delayMs: 40 });
    const start = performance.now();
    await post('/_receive/a', '{}', {});
    expect(performance.now() - start).toBeGreaterThan(38);
  });

  it.each([{ status: 99 }, { status: 'x' }, { failNext: 0 }, { nope: 1 }, [], null])(
    'refuses %j',
    async (body) => {
      const response = await send('PUT', '/_receive/a/behaviour', JSON.stringify(body));
      expect([response.status, await response.json()]).toMatchObject([422, { code: 'validation_failed' }]);
    },
  );

  it('lets a test wait for requests, and gives up in time', async () => {
    const start = performance.now();
    const waiting = get('/_receive/a/requests?wait=2&timeout=30s');
    expect((await get('/_receive/a/requests?wait=2&timeout=20ms')).requests).toEqual([]);
    await post('/_receive/a', '1', {});
    await post('/_receive/a', '2', {});
    expect((await waiting).requests).toHaveLength(2);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect((await get('/_receive/a/requests?wait=3&timeout=20ms')).requests).toHaveLength(2);
    expect((await send('GET', '/_receive/a/requests?timeout=soon')).status).toBe(422);
  });

  it('keeps the newest hundred and counts them all, until cleared', async () => {
    for (let index = 0; index < 105; index++) await post('/_receive/a', String(index), {});
    const { received, requests } = await get('/_receive/a/requests');
    expect([received, requests.length, requests[0]?.body, requests[99]?.body]).toEqual([
      105,
      100,
      '5',
      '104',
    ]);
    expect((await send('DELETE', '/_receive/a/requests')).status).toBe(204);
    expect(await get('/_receive/a/requests')).toMatchObject({ received: 0, requests: [] });
    expect(changes).toBe(106);
  });
});

describe('publishing', () => {
  it('takes any well-formed type where there is no catalog', async () => {
    const good = await post('/events', '{"type":"order.created","data":{"a":1}}', {});
    expect([good.status, await good.json()]).toEqual([202, { eventId: 'evt_order.created' }]);
    const bad = await post('/events', '{"type":"Order Created"}', {});
    expect([bad.status, await bad.json()]).toMatchObject([422, { code: 'unknown_event_type' }]);
  });

  it.each([
    ['{', 400, 'invalid_json'],
    ['{}', 422, 'validation_failed'],
    ['{"type":"a.b","extra":1}', 422, 'validation_failed'],
  ])('refuses %s', async (body, status, code) => {
    const response = await post('/events', body, {});
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
  });

  it('refuses more than a megabyte', async () => {
    expect((await post('/_receive/a', Buffer.alloc(1024 * 1024 + 1), {})).status).toBe(413);
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
      expect((await post('/events', '{"type":"a.b"}', { origin: 'http://localhost:3000' })).status).toBe(202);
    },
  );
});

describe('errors', () => {
  it('answers 404 and 500 as problem documents', async () => {
    expect((await send('GET', '/nothing')).status).toBe(404);
    const broken = await send('GET', '/_serve/overview');
    expect([broken.status, await broken.json()]).toMatchObject([500, { code: 'internal_error' }]);
  });
});

async function createApp() {
  const live = createLiveUpdates();
  live.close();
  const none = async (): Promise<Response> => new Response();
  return createRoutes({
    registry: await loadRegistry('/nonexistent'),
    emit: async ({ type }) => ({ eventId: `evt_${type}` }),
    receivers: createReceivers({
      secretsOf: async (name) => (name === 'default' ? SECRETS : []),
      onReceived: () => undefined,
      onChange: () => (changes += 1),
    }),
    live,
    page: () => new Response('page'),
    webhooks: none,
    log: none,
    deadLetters: none,
    stream: { handle: none, ticket: none },
    overview: () => Promise.reject(new Error('out of order')),
    health: () => Promise.resolve({ ok: true, reasons: [], parts: [], readers: [] }),
    secret: async () => SECRETS[0] ?? '',
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

interface Received {
  readonly received: number;
  readonly verified: number;
  readonly requests: readonly { readonly body?: string }[];
}

async function get(path: string): Promise<Received> {
  return (await send('GET', path)).json() as Promise<Received>;
}

async function behave(body: object) {
  return (await send('PUT', '/_receive/a/behaviour', JSON.stringify(body))).json();
}

function signed(body: Uint8Array, secrets: readonly string[]): Record<string, string> {
  return signatureHeaders({ id: 'msg_1', timestamp: Math.floor(Date.now() / 1000), body, secrets });
}
