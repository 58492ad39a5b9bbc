import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeEvent } from '../../src/kernel/sse.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { eventually } from '../helpers/eventually.ts';
import { chromium, isMissing, urlOf } from '../helpers/services.ts';
import { readSse } from '../helpers/sse-reader.ts';
import { sseVectors } from '../helpers/sse-vectors.ts';
import { openStreamServer } from './stream-server.ts';
import type { StreamServer } from './stream-server.ts';

/** As a bundler would hand it to the browser. */
const CLIENT = transpileModule(readFileSync(join(repositoryRoot, 'src/clients/event-stream.ts'), 'utf8'), {
  compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext },
}).outputText;

describe.skipIf(isMissing(chromium))('in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;
  let page: Page;
  let shop: StreamServer;

  beforeAll(async () => {
    // Containers give the browser no sandbox of its own.
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    browser = await playwright.launch({ executablePath: urlOf(chromium), args });
  }, 60_000);

  afterAll(() => browser.close());

  beforeEach(async () => {
    shop = await openStreamServer({
      page: '<!doctype html><title>orders</title>',
      scripts: { client: CLIENT },
    });
    page = await browser.newPage();
    await page.goto(shop.origin);
  });

  afterEach(async () => {
    await page.close();
    await shop.close();
  });

  const positions = (): Promise<number[]> => page.evaluate('window.positions');
  const came = (count: number): Promise<boolean> =>
    eventually(`${count} events came`, async () => (await positions()).length === count);
  const connected = (): Promise<boolean> => eventually('it is connected', () => shop.clients() === 1);
  const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

  describe('EventSource', () => {
    const open = (query = ''): Promise<void> =>
      page.evaluate(`
        window.positions = [];
        window.source = new EventSource('/events/stream${query}');
        for (const type of ['order.created', 'order.paid', 'evtgen.stale']) {
          window.source.addEventListener(type, (event) => window.positions.push(Number(event.lastEventId)));
        }
      `);

    it('replays, goes live, and comes back by itself without a gap or a duplicate', async () => {
      shop.append(3);
      await open('?lastEventId=0');
      await came(3);
      for (const interrupt of [shop.disconnect, shop.restart]) {
        shop.append(3);
        await interrupt();
        shop.append(2);
        await came(shop.store.events.length);
      }
      expect(await positions()).toEqual(upTo(13));
    });

    it('has its cursor moved by heartbeats', async () => {
      await open('?types=order.paid');
      await connected();
      shop.append(40);
      // Longer than a heartbeat of this server, of which a page sees nothing.
      await sleep(50);
      shop.disconnect();
      await eventually('it came back', () => shop.lastEventIds.length === 2);
      expect(shop.lastEventIds).toEqual([undefined, '40']);
      expect(await positions()).toEqual([]);
    });
  });

  it('reads the vectors of the standard as the tests of what we write do', async () => {
    const streams = [...sseVectors.map(([text]) => text), encodeEvent('7', 'x', 'a\rid: 99\r\ndata: b\n\n')];
    const server = createServer((request, response) => {
      const head = { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' };
      response.writeHead(200, head).end(streams[Number(request.url?.slice(1))]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const readings = await page.evaluate(`Promise.all(
      ${JSON.stringify(streams)}.map((_, index) => new Promise((resolve) => {
        const events = [];
        const source = new EventSource('${origin}/' + index);
        for (const kind of ['message', 'x']) {
          source.addEventListener(kind, ({ type, data, lastEventId }) => events.push({ type, data, lastEventId }));
        }
        source.onerror = () => {
          source.close();
          resolve(events);
        };
      })),
    )`);
    server.close();
    expect(readings).toEqual(streams.map((text) => readSse(Buffer.from(text)).events));
  });

  it('the client for browsers renews its ticket and goes on behind the last event', async () => {
    await page.evaluate(`(async () => {
      window.positions = [];
      const { openEventStream } = await import('/client.js');
      window.client = openEventStream({ url: '/events/stream', onRefused: (status) => (window.refused = status) });
      window.client.on('order.created', (event) => window.positions.push(event.position));
    })()`);
    await connected();
    shop.append(2);
    await came(2);
    shop.disconnect();
    shop.append(2);
    await came(4);
    shop.passMs(11 * 60_000);
    await shop.restart();
    shop.append(2);
    await came(6);
    expect(await positions()).toEqual(upTo(6));
    const tickets = shop.requests.filter((request) => request.startsWith('POST'));
    expect(tickets).toEqual(['POST /events/stream/ticket', 'POST /events/stream/ticket']);
    shop.isSignedIn = false;
    shop.passMs(11 * 60_000);
    shop.disconnect();
    await eventually('it was refused', async () => (await page.evaluate('window.refused')) === 401);
  });
});
