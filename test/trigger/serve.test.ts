import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startEvtgen } from '../helpers/exec.ts';
import { recordedTerminal } from '../helpers/recorded-terminal.ts';
import { writeFiles } from '../helpers/write-files.ts';
import { startServe, type LocalServer } from '../serve/local-server.ts';
import { refusal, shopFiles, trigger } from './shop.ts';

let cwd: string;
let server: LocalServer;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'evtgen-trigger-'));
  writeFiles(cwd, shopFiles);
  // Not in memory: whoever looks for it finds its URL in this folder.
  server = await startServe(cwd);
});

afterAll(async () => {
  await server.running.stop('SIGKILL');
  rmSync(cwd, { recursive: true });
});

it('sends a sample to the serve of this folder, which delivers it', async () => {
  const { exitCode, terminal } = await trigger(cwd, { type: 'order.created', set: ['data.total=4200'] });
  expect({ exitCode, notes: terminal.notes, shown: terminal.shown }).toEqual({
    exitCode: 0,
    notes: [],
    shown: [null],
  });
  const [, subject] =
    /^sent order\.created of (order_\w+) to http:\/\/127\.0\.0\.1:\d+$/.exec(terminal.results[0] ?? '') ?? [];
  const { requests, verified } = await server.received('default', 1);
  expect(verified).toBe(1);
  expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
    eventId: terminal.results[1]?.replace('  event id  ', ''),
    eventType: 'order.created',
    subject,
    data: { id: subject, status: 'pending', total: 4200 },
  });
});

it('sends many at the pace that was asked for, and shows how far it is', async () => {
  const { head } = await server.overview();
  const { received: before } = await server.received('default', 0);
  const start = performance.now();
  const { terminal } = await trigger(cwd, {
    type: 'order.paid',
    count: 12,
    rate: 40,
    isJson: true,
    url: server.url,
  });
  expect(performance.now() - start).toBeGreaterThan(11 * 25 - 1);
  const report = JSON.parse(terminal.results.join('\n'));
  expect(report).toMatchObject({ sent: 12, wanted: 12, place: server.url });
  expect(new Set(report.events.map(({ eventId }: { eventId: string }) => eventId)).size).toBe(12);
  expect(terminal.shown.at(-2)).toMatch(/^\[#{24}\] 12 of 12 {2}\d+ a second$/);
  expect(terminal.shown.at(-1)).toBeNull();
  await server.received('default', before + 12);
  expect((await server.overview()).head).toBe(head + 12);
});

it('says that nobody outside gets an internal event', async () => {
  const { terminal } = await trigger(cwd, { type: 'customer.flagged' });
  expect(terminal.notes).toEqual([
    'note: customer.flagged is internal: brokers get it, webhooks and streams do not',
  ]);
});

it('tells what the server refuses, which may have another catalog', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'evtgen-trigger-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  const terminal = recordedTerminal(elsewhere, { env: { EVTGEN_URL: `${server.url}/` } });
  expect(await refusal(trigger(elsewhere, { type: 'order.created' }, terminal))).toMatchObject({
    exitCode: 2,
    text: expect.stringContaining('\n  #/data/status '),
  });
  expect((await refusal(trigger(elsewhere, { type: 'order.gone' }, terminal))).text).toContain(
    '"order.gone" is not in the catalog; known are',
  );
});

it('finds no server in one that is none', async () => {
  const other = createServer((_request, response) => response.writeHead(404).end('no'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  expect(await refusal(trigger(cwd, { type: 'order.created', url }))).toMatchObject({
    code: 'no_server',
    text: expect.stringContaining(`${url} takes no test events\nhint: that is what "evtgen serve" does`),
  });
});

it('offers samples to whoever asks, the page for example', async () => {
  const first = await server.request('GET', '/_serve/sample?type=order.created&seed=5');
  expect(first).toMatchObject({
    status: 200,
    body: { event: { type: 'order.created', data: { status: 'pending' } }, schema: { type: 'object' } },
  });
  expect(await server.request('GET', '/_serve/sample?type=order.created&seed=5')).toEqual(first);
  expect(await server.request('GET', '/_serve/sample?type=order.created')).not.toEqual(first);
  expect(await server.request('GET', '/_serve/sample?type=nope')).toMatchObject({ status: 422 });
  expect(await server.request('GET', '/_serve/sample?type=order.created&seed=x')).toMatchObject({
    status: 400,
  });
});

it('stops at Ctrl-C and says how many were sent', async () => {
  const flags = ['--count', '1000', '--rate', '20', '--url', server.url];
  const { head } = await server.overview();
  const running = startEvtgen(['trigger', 'order.created', ...flags], { cwd });
  while ((await server.overview()).head === head) await new Promise((resolve) => setTimeout(resolve, 20));
  const { status, stdout, stderr } = await running.stop('SIGINT');
  expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  const sent = Number(/^sent (\d+) of 1000 order\.created to /.exec(stdout)?.[1]);
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(1000);
});
