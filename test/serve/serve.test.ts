import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evtgen, startEvtgen } from '../helpers/exec.ts';
import { eventually, startServe, type LocalServer } from './local-server.ts';

const SECRET = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

let cwd: string;
let servers: LocalServer[];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'evtgen-serve-'));
  servers = [];
});

afterEach(async () => {
  for (const server of servers) await server.running.stop('SIGTERM');
});

describe('evtgen serve', () => {
  it('delivers the first event to its own receiver, signed and verified', async () => {
    const server = await serve('--in-memory', '--secret', SECRET);
    expect(server).toMatchObject({ secret: SECRET, pid: server.running.child.pid });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await server.request('GET', '/healthz')).toMatchObject({ status: 200, body: { ok: true } });

    const input = { type: 'order.created', data: { id: 'ord_1', name: 'Zoë' }, subject: 'ord_1' };
    const published = await server.request('POST', '/events', input);
    expect(published).toMatchObject({ status: 202, body: { eventId: expect.any(String) } });
    const { received, verified, requests } = await server.received('default', 1);
    expect([received, verified]).toEqual([1, 1]);
    const [request] = requests;
    expect(new Webhook(SECRET).verify(request?.body ?? '', request?.headers ?? {})).toMatchObject({
      eventType: 'order.created',
      subject: 'ord_1',
      data: { id: 'ord_1', name: 'Zoë' },
    });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('retries, gives up as a dead letter, and delivers it when it is replayed', async () => {
    const server = await serve('--in-memory', '--retry', '50ms,50ms');
    await server.request('PUT', '/_receive/default/behaviour', { status: 500 });
    await server.request('POST', '/events', { type: 'order.shipped', data: {} });
    const { deadLetters, events } = await eventually(
      server.overview,
      (overview) =>
        overview.deadLetters.length > 0 && overview.events[0]?.deliveries[0]?.state === 'exhausted',
    );
    expect(deadLetters).toMatchObject([{ eventType: 'order.shipped', error: 'HTTP 500' }]);
    expect(events[0]?.deliveries).toMatchObject([
      { state: 'exhausted', attempts: [{ status: 500 }, { status: 500 }, { status: 500 }] },
    ]);

    await server.request('PUT', '/_receive/default/behaviour', {});
    const replayed = await server.request('POST', `/dead-letters/${deadLetters[0]?.id}/replay`);
    expect(replayed.status).toBe(202);
    const { requests } = await server.received('default', 4);
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await eventually(server.overview, (overview) => overview.events[0]?.deliveries[0]?.state === 'delivered');
    expect((await server.overview()).deadLetters).toEqual([]);
  });

  it('streams events, from the cursor on', async () => {
    const server = await serve('--in-memory');
    for (const type of ['order.created', 'order.paid']) await server.request('POST', '/events', { type });
    await server.received('default', 2);
    const response = await fetch(`${server.url}/events/stream`, { headers: { 'last-event-id': '1' } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('\ndata: ')) break;
    }
    expect(text).toContain('id: 2\nevent: order.paid\ndata: {');
    expect(text).not.toContain('order.created');
  });

  it('delivers to the application of the developer, to loopback and to no other private address', async () => {
    const server = await serve('--in-memory');
    const bodies: string[] = [];
    const application = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString())).on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => application.once('listening', resolve));
    const { port } = application.address() as AddressInfo;
    const url = `http://localhost:${port}/hooks`;
    const created = await server.request('POST', '/webhooks', { url, eventTypes: ['order.*'] });
    expect(created).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^whsec_/) } });
    await server.request('POST', '/events', { type: 'customer.created' });
    await server.request('POST', '/events', { type: 'order.created' });
    await eventually(
      async () => bodies,
      ({ length }) => length > 0,
    );
    application.close();
    expect(bodies.map((body) => JSON.parse(body).eventType)).toEqual(['order.created']);

    const inside = await server.request('POST', '/webhooks', { url: 'https://10.0.0.1/', eventTypes: ['*'] });
    expect(inside).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  });

  it('checks events against the catalog of the folder', async () => {
    mkdirSync(join(cwd, 'events/schemas'), { recursive: true });
    const catalog = {
      catalogVersion: 1,
      eventTypes: { 'order.created': { version: 1, audience: 'public' } },
      mutations: {},
    };
    writeFileSync(join(cwd, 'events/catalog.json'), JSON.stringify(catalog));
    const schema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    writeFileSync(join(cwd, 'events/schemas/order.created.v1.json'), JSON.stringify(schema));
    writeFileSync(join(cwd, 'evtgen.config.json'), '{"source":"/orders-api"}');
    const server = await serve('--in-memory');
    expect(await server.request('POST', '/events', { type: 'order.creatd', data: {} })).toMatchObject({
      status: 422,
      body: {
        code: 'unknown_event_type',
        detail: '"order.creatd" is not in the catalog; known are order.created',
      },
    });
    expect(await server.request('POST', '/events', { type: 'order.created', data: { id: 1 } })).toMatchObject(
      {
        status: 422,
        body: { code: 'validation_failed', errors: [{ pointer: '#/data/id' }] },
      },
    );
    await server.request('POST', '/events', { type: 'order.created', data: { id: 'ord_1', password: 'x' } });
    const { requests } = await server.received('default', 1);
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
      source: '/orders-api',
      data: { id: 'ord_1' },
    });
    expect(requests[0]?.body).not.toContain('password');
  });
});

describe('the life of evtgen serve', () => {
  it('keeps its state over a restart, on another port too', async () => {
    const first = await serve('--retry', '50ms');
    await first.request('PUT', '/_receive/default/behaviour', { status: 503 });
    await first.request('POST', '/events', { type: 'order.created' });
    await eventually(first.overview, ({ deadLetters }) => deadLetters.length > 0);
    expect(await first.running.stop('SIGINT')).toMatchObject({ status: 130, stderr: '' });

    const second = await serve('--retry', '50ms');
    expect(second.secret).toBe(first.secret);
    const { events, deadLetters, subscriptions } = await second.overview();
    expect(events).toMatchObject([{ position: 1, eventType: 'order.created' }]);
    expect(subscriptions).toMatchObject([{ url: `${second.url}/_receive/default` }]);
    await second.request('POST', `/dead-letters/${deadLetters[0]?.id}/replay`);
    expect(await second.received('default', 1)).toMatchObject({ verified: 1 });
  });

  it('refuses a folder that another process serves, and takes over after kill -9', async () => {
    const first = await serve();
    await first.request('POST', '/events', { type: 'order.created' });
    await first.received('default', 1);
    const second = await evtgen(['serve', '--port', '0'], { cwd });
    expect(second).toMatchObject({ status: 2, stdout: '' });
    expect(second.stderr).toBe(
      `error: ${join(cwd, '.evtgen-serve')} is in use by process ${first.pid}\n` +
        'hint: stop that process, or choose another --data-dir\n',
    );

    await first.running.stop('SIGKILL');
    const third = await serve();
    expect((await third.overview()).head).toBe(1);
    await third.request('POST', '/events', { type: 'order.paid' });
    await eventually(third.overview, ({ head }) => head === 2);
  });

  it('stops cleanly on SIGTERM with streams open', async () => {
    const server = await serve();
    const responses = await Promise.all(
      ['/events/stream', '/_serve/live'].map((path) => fetch(server.url + path)),
    );
    const result = await server.running.stop('SIGTERM');
    expect(result).toMatchObject({ status: 0, signal: null, stderr: '' });
    await Promise.all(responses.map((response) => response.text()));
    expect(readdirSync(join(cwd, '.evtgen-serve')).toSorted()).toEqual([
      '.gitignore',
      'encryption-key',
      'lock',
      'origin',
      'pglite',
    ]);
  });

  it('says what it serves to a person', async () => {
    const running = startEvtgen(['serve', '--port', '0', '--in-memory', '--secret', SECRET], { cwd });
    await running.waitForLine((line) => line.startsWith('  try'));
    const { stdout, stderr, status } = await running.stop('SIGINT');
    expect({ stderr, status }).toEqual({ stderr: '', status: 130 });
    await expect(stdout.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:4400')).toMatchFileSnapshot(
      'output/ready.txt',
    );
  });

  it('writes JSON lines and nothing else with --json', async () => {
    const server = await serve('--in-memory', '--retry', '20ms');
    await server.request('PUT', '/_receive/default/behaviour', { status: 500 });
    await server.request('POST', '/events', { type: 'order.created' });
    await eventually(server.overview, ({ deadLetters }) => deadLetters.length > 0);
    const { stdout } = await server.running.stop('SIGINT');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ ready, kind, alert }) => [ready, kind, alert])).toEqual([
      [true, undefined, undefined],
      [undefined, 'received', undefined],
      [undefined, 'received', undefined],
      [undefined, 'alert', 'dead_letter.delivery_exhausted'],
    ]);
  });

  it('is refused in one line where it cannot start', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    writeFileSync(join(cwd, 'file'), '');
    mkdirSync(join(cwd, 'broken/events'), { recursive: true });
    writeFileSync(join(cwd, 'broken/events/catalog.json'), '{');
    const cases: [string, string[], string?][] = [
      [`error: port ${port} is in use\n`, ['--port', String(port), '--in-memory']],
      [`error: port ${port} is in use\n`, ['--port', String(port)]],
      [`error: ${join(cwd, 'file/x')} cannot be written`, ['--port', '0', '--data-dir', 'file/x']],
      ['error: --secret: the secret is not standard base64', ['--port', '0', '--secret', 'whsec_%']],
      ["error: option '--port <port>' argument '65536' is invalid", ['--port', '65536']],
      ["error: option '--retry <delays>' argument '1s,soon' is invalid", ['--retry', '1s,soon']],
      ["error: option '--exec <command>' argument '' is invalid", ['--in-memory', '--exec', '']],
      ['error: events/catalog.json', ['--port', '0'], 'broken'],
    ];
    for (const [message, args, folder] of cases) {
      const run = await evtgen(['serve', ...args], { cwd: join(cwd, folder ?? '') });
      expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
    }
    taken.close();
    expect(readdirSync(cwd).toSorted()).toEqual(['broken', 'file']);
    expect(readdirSync(join(cwd, 'broken'))).toEqual(['events']);
  });
});

async function serve(...flags: string[]): Promise<LocalServer> {
  const server = await startServe(cwd, ...flags);
  servers.push(server);
  return server;
}
