import { mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, startServe, type LocalServer } from './local-server.ts';

interface Got {
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface ForwardedLine {
  readonly kind: string;
  readonly url: string;
  readonly eventType: string;
  readonly status?: number;
  readonly failure?: string;
  readonly state: string;
  readonly nextInMs?: number;
}

let cwd: string;
let servers: LocalServer[];
let applications: Server[];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'evtgen-forward-'));
  servers = [];
  applications = [];
});

afterEach(async () => {
  for (const server of servers) await server.running.stop('SIGTERM');
  for (const application of applications) application.close();
});

describe('serve --forward', () => {
  it('sends the signed bytes to the servers of the developer, each what it is to get', async () => {
    const [shop, billing] = [await startApplication(200), await startApplication(422)];
    const server = await serve(
      '--in-memory',
      '--retry=20m',
      '--events=order.*',
      `--forward=http://localhost:${shop.port}/webhooks?x=1&y=%2F`,
      `--forward=invoice.paid,order.paid=http://127.0.0.1:${billing.port}/`,
    );
    for (const type of ['order.created', 'invoice.paid', 'customer.created', 'order.paid']) {
      await server.request('POST', '/events', { type, data: { name: 'Zoë' } });
    }
    await server.received('default', 4);
    await eventually(
      async () => [...shop.got, ...billing.got],
      ({ length }) => length === 4,
    );

    expect(shop.got.map(({ body }) => JSON.parse(body).eventType)).toEqual(['order.created', 'order.paid']);
    expect(billing.got.map(({ body }) => JSON.parse(body).eventType)).toEqual(['invoice.paid', 'order.paid']);
    for (const { body, headers, url } of shop.got) {
      expect(url).toBe('/webhooks?x=1&y=%2F');
      const signed = headers as Record<string, string>;
      expect(new Webhook(server.secret).verify(body, signed)).toMatchObject({ data: { name: 'Zoë' } });
    }
    const ownRequests = (await server.received('default', 4)).requests;
    expect(ownRequests.map(({ body }) => body)).toEqual(
      expect.arrayContaining(shop.got.map(({ body }) => body)),
    );

    const lines = await eventually(
      async () => forwardedLines(server),
      ({ length }) => length === 4,
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ eventType: 'order.created', status: 200, state: 'delivered' }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ eventType: 'invoice.paid', status: 422, state: 'pending' }),
    );
    expect((await server.overview()).forwards).toMatchObject([
      { url: `http://localhost:${shop.port}/webhooks?x=1&y=%2F`, eventTypes: ['order.*'] },
      { url: `http://127.0.0.1:${billing.port}/`, eventTypes: ['invoice.paid', 'order.paid'] },
    ]);
  });

  it('says plainly that a target is dead, and delivers once it lives', async () => {
    const application = await startApplication(200);
    application.server.close();
    const url = `http://localhost:${application.port}/webhooks`;
    const server = await serve(
      '--in-memory',
      '--retry',
      '60ms,60ms,60ms,60ms,60ms,60ms,60ms,60ms',
      '--forward',
      url,
    );
    await server.request('POST', '/events', { type: 'order.created' });
    const [dead] = await eventually(
      async () => forwardedLines(server),
      ({ length }) => length > 0,
    );
    expect(dead).toMatchObject({ url, failure: 'refused', state: 'pending' });
    expect(dead?.nextInMs).toBeGreaterThan(50);
    const alive = await startApplication(200, application.port);
    await eventually(
      async () => alive.got,
      ({ length }) => length === 1,
    );
  });
});

async function serve(...flags: string[]): Promise<LocalServer> {
  const server = await startServe(cwd, ...flags);
  servers.push(server);
  return server;
}

async function startApplication(status: number, port = 0) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    });
  }).listen(port);
  await new Promise((resolve) => server.once('listening', resolve));
  applications.push(server);
  return { server, got, port: (server.address() as AddressInfo).port };
}

function forwardedLines({ running }: LocalServer): ForwardedLine[] {
  return running
    .stdout()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ForwardedLine)
    .filter(({ kind }) => kind === 'forwarded');
}
