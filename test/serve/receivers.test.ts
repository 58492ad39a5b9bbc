import { request as httpsRequest } from 'node:https';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecret } from '../../src/kernel/secret.ts';
import { signatureHeaders } from '../../src/kernel/sign.ts';
import { listen, type HttpServer } from '../../src/serve/listen.ts';
import { ACCEPT, takeTurn } from '../../src/serve/receivers/behaviour.ts';
import { createOriginRule } from '../../src/serve/origin-guard.ts';
import {
  createReceiverListener,
  type ReceiverListener,
} from '../../src/serve/receivers/receiver-listener.ts';
import { createReceiverRoutes } from '../../src/serve/receivers/receiver-routes.ts';
import { createReceivers } from '../../src/serve/receivers/receivers.ts';
import { nodeListener } from '../../src/kernel/node-listener.ts';
import { stderrLogger } from '../../src/kernel/stderr-logger.ts';
import { internalError, ProblemError, problemResponse } from '../../src/kernel/problem.ts';
import { parseHttpMessage } from '../../src/verify/captures/http-message.ts';
import { Hono } from 'hono';

const SECRETS = [createSecret(), createSecret()];

let http: HttpServer;
let receiving: ReceiverListener;
let changes: number;
let moves: string[];

beforeEach(async () => {
  changes = 0;
  moves = [];
  const receivers = createReceivers({
    secretsOf: async (name) => (name === 'default' ? SECRETS : []),
    moveTo: async (name, protocol) => void moves.push(`${name} ${protocol}`),
    onReceived: () => undefined,
    onChange: () => (changes += 1),
  });
  const routes = new Hono().route('/_receive', createReceiverRoutes(receivers));
  routes.onError((error) => problemResponse(error instanceof ProblemError ? error.problem : internalError));
  const others = nodeListener(async (request) => routes.fetch(request));
  receiving = createReceiverListener(receivers, others, createOriginRule('its-token'), stderrLogger);
  http = await listen(0, receiving.listener);
});

afterEach(() => http.close());

describe('a built-in receiver', () => {
  it('verifies the bytes it gets, with any secret that signs for it', async () => {
    const body = Buffer.from('{"eventType":"order.created","data":{"name":"Zoë"}}');
    const response = await post('default', body, signed(body, [SECRETS[1] ?? '']));
    expect([response.status, await response.json()]).toEqual([200, { verified: true }]);
    const { requests, received, verified } = await requestsOf('default');
    expect({ received, verified }).toEqual({ received: 1, verified: 1 });
    expect(requests).toMatchObject([
      {
        number: 1,
        method: 'POST',
        target: '/_receive/default',
        eventType: 'order.created',
        answered: 200,
        fault: null,
        body: '{"eventType":"order.created","data":{"name":"Zoë"}}',
        verification: { ok: true, code: null, message: 'secret 2 of 2' },
      },
    ]);
  });

  it('records what does not verify, and why', async () => {
    await post('default', '{}', signed(Buffer.from('{ }'), SECRETS));
    await post('default', Buffer.from([0xff]), {});
    await post('unknown', '{}', {});
    expect((await requestsOf('default')).requests).toMatchObject([
      { verification: { ok: false, code: 'signature_mismatch' } },
      { verification: { ok: false, code: 'header_missing' }, bodyBase64: '/w==', eventType: null },
    ]);
    expect((await requestsOf('unknown')).requests).toMatchObject([{ verification: { code: 'no_secret' } }]);
  });

  it('lets a test wait for requests, and gives up in time', async () => {
    const start = performance.now();
    const waiting = requestsOf('a', '?wait=2&timeout=30s');
    expect((await requestsOf('a', '?wait=2&timeout=20ms')).requests).toEqual([]);
    await post('a', '1', {});
    await post('a', '2', {});
    expect((await waiting).requests).toHaveLength(2);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect((await requestsOf('a', '?wait=3&timeout=20ms')).requests).toHaveLength(2);
    expect((await call('GET', '/_receive/a/requests?timeout=soon')).status).toBe(422);
  });

  it('keeps the newest hundred and counts them all, until cleared', async () => {
    for (let index = 0; index < 105; index++) await post('a', String(index), {});
    const { received, requests } = await requestsOf('a');
    expect([received, requests.length, requests[0]?.body, requests[99]?.body]).toEqual([
      105,
      100,
      '5',
      '104',
    ]);
    expect((await call('DELETE', '/_receive/a/requests')).status).toBe(204);
    expect(await requestsOf('a')).toMatchObject({ received: 0, requests: [] });
    expect(changes).toBe(106);
  });

  it('gives a request back byte for byte, as verify-sig reads it', async () => {
    const body = Buffer.from('{"a":"\u00EB",\r\n "b":1}\n');
    const lines = [
      'POST /_receive/a?x=1 HTTP/1.1',
      'X-Odd-CASE:  two  ',
      'Host: localhost',
      'x-odd-case: \u00EB',
    ];
    lines.push(`Content-Length: ${body.byteLength}`, 'Connection: close', '', '');
    await exchangeRaw(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body]));
    const response = await call('GET', '/_receive/a/requests/1.http');
    expect(response.headers.get('content-type')).toBe('message/http');
    const kept = Buffer.from(await response.arrayBuffer());
    expect(kept.toString('latin1')).toBe(
      lines.join('\r\n').replace(':  two  ', ': two') + body.toString('latin1'),
    );
    expect(await (await call('GET', '/_receive/a/requests/1')).json()).toMatchObject({
      rawHeaders: [
        'X-Odd-CASE',
        'two',
        'Host',
        'localhost',
        'x-odd-case',
        '\u00EB',
        'Content-Length',
        String(body.byteLength),
        'Connection',
        'close',
      ],
    });
    expect((await call('GET', '/_receive/a/requests/2')).status).toBe(404);
  });

  it.each(['', 'in chunks'])('keeps a chunked body readable: %j', async (text) => {
    const chunks = text === '' ? '0\r\n\r\n' : '3\r\nin \r\n6\r\nchunks\r\n0\r\n\r\n';
    const head =
      'POST /_receive/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
    await exchangeRaw(Buffer.from(head + chunks));
    const kept = await (await call('GET', '/_receive/a/requests/1.http')).arrayBuffer();
    expect(Buffer.from(parseHttpMessage(Buffer.from(kept), 'kept').body).toString()).toBe(text);
  });

  it('takes a megabyte and nothing of other sites', async () => {
    expect((await post('a', Buffer.alloc(1024 * 1024 + 1), {})).status).toBe(413);
    const foreign = await post('a', '{}', { origin: 'https://evil.example' });
    expect([foreign.status, await foreign.json()]).toMatchObject([403, { code: 'foreign_origin' }]);
    const rebound = await exchangeRaw(
      'POST /_receive/a HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
    expect(rebound).toContain('403');
    expect((await requestsOf('a')).received).toBe(0);
  });
});

describe('the behaviour of a receiver', () => {
  it('is kept as told: always, the next few, and not any more', async () => {
    const statuses = async (count: number): Promise<number[]> => {
      const found = [];
      for (let index = 0; index < count; index++) found.push((await post('a', '{}', {})).status);
      return found;
    };
    expect(await statuses(1)).toEqual([200]);
    expect(await behave({ status: 503 })).toEqual({ ...ACCEPT, status: 503 });
    expect(await statuses(2)).toEqual([503, 503]);
    await behave({ failNext: 2 });
    expect((await requestsOf('a')) as object).toMatchObject({ says: 'answers 500, to the next 2 requests' });
    expect(await statuses(3)).toEqual([500, 500, 200]);
    await behave({ failNext: 1, status: 410 });
    expect(await statuses(2)).toEqual([410, 200]);
    await behave({ status: 204 });
    expect(await statuses(1)).toEqual([204]);
    await behave({});
    expect(await statuses(1)).toEqual([200]);
    for (const name of ['a', 'b']) {
      expect(await (await call('GET', `/_receive/${name}/behaviour`)).json()).toEqual(ACCEPT);
    }
  });

  it('fails some of a hundred, the same ones for the same seed', async () => {
    const failures = (seed: number): number[] => {
      const behaviour = { ...ACCEPT, status: 500, failPercent: 30, seed };
      const all = Array.from({ length: 1000 }, (_, index) => takeTurn(behaviour, index).turn.status);
      return all.flatMap((status, index) => (status === 500 ? [index] : []));
    };
    const first = failures(7);
    expect(first.length).toBeGreaterThan(260);
    expect(first.length).toBeLessThan(340);
    expect(failures(7)).toEqual(first);
    expect(failures(8)).not.toEqual(first);

    await behave({ failPercent: 30, seed: 7 });
    const statuses = [];
    for (let index = 0; index < 20; index++) statuses.push((await post('a', '{}', {})).status);
    expect(statuses.flatMap((status, index) => (status === 500 ? [index] : []))).toEqual(
      first.filter((index) => index < 20),
    );
  });

  it('adds headers and bodies to the answer, and follows from them', async () => {
    await behave({ retryAfterSeconds: 30 });
    const limited = await post('a', '{}', {});
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([503, '30']);
    await behave({ status: 429, retryAfterSeconds: 30, retryAfterForm: 'date' });
    const dated = await post('a', '{}', {});
    const date = dated.headers.get('retry-after') ?? '';
    expect(date).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    expect(Math.abs(Date.parse(date) - Date.now() - 30_000)).toBeLessThan(2_000);
    await behave({ location: 'https://elsewhere.example/' });
    const redirect = await post('a', '{}', {});
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'https://elsewhere.example/']);
    await behave({ bodyBytes: 100_000 });
    expect((await (await post('a', '{}', {})).text()).length).toBe(100_000);
  });

  it('takes its time: before the answer and between its bytes', async () => {
    await behave({ delayMs: 40 });
    const start = performance.now();
    await post('a', '{}', {});
    expect(performance.now() - start).toBeGreaterThan(38);
    await behave({ bodyBytes: 5, dripMs: 10 });
    const dripping = performance.now();
    const response = await post('a', '{}', {});
    const untilHeaders = performance.now() - dripping;
    expect(await response.text()).toBe('.....');
    expect(performance.now() - dripping).toBeGreaterThan(48);
    expect(performance.now() - dripping).toBeGreaterThan(untilHeaders + 20);
  });

  it('breaks off: before the headers, after them, or not at all', async () => {
    await behave({ fault: 'reset', failNext: 1 });
    await expect(post('a', '{}', {})).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    await behave({ fault: 'reset_after_headers', failNext: 1 });
    const begun = await post('a', '{}', {});
    expect(begun.status).toBe(500);
    await expect(begun.text()).rejects.toThrow('terminated');
    await behave({ fault: 'no_answer', failNext: 1 });
    await expect(post('a', '{}', {}, AbortSignal.timeout(30))).rejects.toThrow('timeout');
    expect((await requestsOf('a')).requests).toMatchObject([
      { answered: null, fault: 'reset' },
      { answered: 500, fault: 'reset_after_headers' },
      { answered: null, fault: 'no_answer' },
    ]);
    expect((await post('a', '{}', {})).status).toBe(200);
  });

  it('hangs up on those that wait, when it is told to', async () => {
    await behave({ fault: 'no_answer' });
    const hanging = post('a', '{}', {});
    await requestsOf('a', '?wait=1&timeout=5s');
    receiving.hangUp();
    await expect(hanging).rejects.toThrow('fetch failed');
  });

  it('moves to a certificate that nobody trusts, and back', async () => {
    await behave({ fault: 'untrusted_tls' });
    await behave({ fault: 'untrusted_tls' });
    await behave({});
    expect(moves).toEqual(['a https:', 'a http:']);
    const url = `${http.origin.replace('http:', 'https:')}/_receive/a`;
    await expect(answerOf(httpsRequest(url, { method: 'POST' }))).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(await answerOf(httpsRequest(url, { method: 'POST', rejectUnauthorized: false }))).toBe(200);
    expect(await answerOf(httpRequest(`${http.origin}/_receive/a`, { method: 'POST' }))).toBe(200);
    expect((await requestsOf('a')).received).toBe(2);
  });

  it.each([
    { status: 99 },
    { status: 'x' },
    { failNext: -1 },
    { failPercent: 101 },
    { nope: 1 },
    { fault: 'explode' },
    { location: 'a\r\nb: c' },
    { fault: 'untrusted_tls', failNext: 1 },
    [],
    null,
  ])('refuses %j', async (body) => {
    const response = await call('PUT', '/_receive/a/behaviour', JSON.stringify(body));
    expect([response.status, await response.json()]).toMatchObject([422, { code: 'validation_failed' }]);
  });
});

interface Received {
  readonly received: number;
  readonly verified: number;
  readonly requests: readonly { readonly body?: string }[];
}

async function requestsOf(name: string, query = ''): Promise<Received> {
  return (await call('GET', `/_receive/${name}/requests${query}`)).json() as Promise<Received>;
}

async function behave(behaviour: object): Promise<unknown> {
  return (await call('PUT', '/_receive/a/behaviour', JSON.stringify(behaviour))).json();
}

async function call(method: string, path: string, body: string | null = null): Promise<Response> {
  return fetch(http.origin + path, { method, body });
}

async function post(
  name: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  signal: AbortSignal | null = null,
): Promise<Response> {
  const url = `${http.origin}/_receive/${name}`;
  return fetch(url, { method: 'POST', body: Buffer.from(body), headers, redirect: 'manual', signal });
}

function answerOf(request: ClientRequest): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.end('{}');
  });
}

function exchangeRaw(bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket: Socket = connect(Number(new URL(http.origin).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', reject).on('close', () => resolve(answer));
  });
}

function signed(body: Uint8Array, secrets: readonly string[]): Record<string, string> {
  return signatureHeaders({ id: 'msg_1', timestamp: Math.floor(Date.now() / 1000), body, secrets });
}
