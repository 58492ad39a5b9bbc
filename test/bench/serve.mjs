/**
 * `evtgen serve` as people meet it: how soon it is ready, what it takes when nothing happens, and 10,000 events to three
 * subscriptions, one of which is dead, with the page open in Chromium or not. Run it by `npm run bench -- --only serve`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, pairedRatio, percentile, printTable, ratioSpread } from './support/measure.mjs';

const bin = fileURLToPath(new URL('../../bin/evtgen.js', import.meta.url));
const LIST = 250;
const SAMPLE_EVERY_MS = 500;
const CLICK_EVERY_MS = 300;
/** What has not come when nothing has come for so long. */
const LOST_AFTER_MS = 30_000;
/** Until then it still gives back what starting took. */
const IDLE_AFTER_MS = 3_000;

export async function measureServe({ rounds = 5, events = 10_000 }) {
  await measureStart(rounds);
  const rows = [
    [
      'page',
      'events',
      'published in s',
      'delivered in s',
      'lost',
      'MB at first, middle, last',
      'longest task of the page ms',
      'click to paint p50, max ms',
    ],
  ];
  const browser = onPath('chromium');
  if (browser === undefined) process.stdout.write('no chromium on PATH: not measured with the page open\n');
  for (const program of browser === undefined ? [undefined] : [undefined, browser]) {
    rows.push(await deliverAll(events, program));
  }
  printTable(rows);
}

async function measureStart(rounds) {
  const bare = [];
  const starts = { 'first start': [], 'data folder there': [], '--in-memory': [] };
  const memory = { 'first start': [], 'data folder there': [], '--in-memory': [] };
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['-e', '0'], { stdio: 'ignore' });
    bare.push(performance.now() - startedAt);
    const cwd = mkdtempSync(join(tmpdir(), 'evtgen-bench-serve-'));
    for (const [name, flags] of [
      ['first start', []],
      ['data folder there', []],
      ['--in-memory', ['--in-memory']],
    ]) {
      const server = await startServe(cwd, flags);
      starts[name].push(server.readyAfterMs);
      await sleep(IDLE_AFTER_MS);
      memory[name].push(residentMb(server.pid));
      await server.stop();
    }
    rmSync(cwd, { recursive: true });
  }
  printTable([
    ['start', 'ready ÷ node -e 0', 'middle half', 'idle MB'],
    ...Object.entries(starts).map(([name, values]) => [
      name,
      pairedRatio(values, bare).toFixed(1),
      ratioSpread(values, bare),
      median(memory[name]).toFixed(0),
    ]),
  ]);
}

/** @returns a row of the table */
async function deliverAll(count, browser) {
  const cwd = mkdtempSync(join(tmpdir(), 'evtgen-bench-serve-'));
  const server = await startServe(cwd, ['--receiver', 'second', '--receiver', 'dead=500']);
  const page = browser === undefined ? undefined : await openPage(server.url, browser);
  const samples = [];
  const sampling = setInterval(() => samples.push(residentMb(server.pid)), SAMPLE_EVERY_MS);
  const startedAt = performance.now();
  for (let sent = 0; sent < count; sent += LIST) {
    const list = Array.from({ length: Math.min(LIST, count - sent) }, (_, index) => {
      const id = `ord_${sent + index}`;
      return { type: 'order.created', subject: id, data: { id, total: index, note: 'n'.repeat(200) } };
    });
    await server.call('POST', '/events', list);
  }
  const publishedAfter = performance.now() - startedAt;
  const names = ['default', 'second', 'dead'];
  let received = [];
  let lastCameAt = performance.now();
  do {
    await sleep(SAMPLE_EVERY_MS);
    const before = sum(received);
    received = await Promise.all(
      names.map(async (name) => (await server.call('GET', `/_receive/${name}/requests`)).received),
    );
    if (sum(received) > before) lastCameAt = performance.now();
  } while (received.some((number) => number < count) && performance.now() - lastCameAt < LOST_AFTER_MS);
  const deliveredAfter = performance.now() - startedAt;
  clearInterval(sampling);
  const seen = await page?.close();
  await server.stop();
  rmSync(cwd, { recursive: true });
  const mb = [samples[0], samples[samples.length >> 1], samples.at(-1)].map((each) => (each ?? 0).toFixed(0));
  return [
    browser === undefined ? 'none' : 'open',
    count,
    (publishedAfter / 1000).toFixed(1),
    (deliveredAfter / 1000).toFixed(1),
    Math.max(0, ...received.map((number) => count - number)),
    mb.join(', '),
    seen === undefined ? '–' : Math.max(0, ...seen.tasks).toFixed(0),
    seen === undefined || seen.clicks.length === 0
      ? '–'
      : `${percentile(seen.clicks, 0.5).toFixed(0)}, ${Math.max(...seen.clicks).toFixed(0)} of ${seen.clicks.length}`,
  ];
}

/** The page in a browser, and a person who opens and closes an event of it all the time. */
async function openPage(url, executablePath) {
  const { chromium } = await import('playwright-core');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(`
    globalThis.seen = { tasks: [], clicks: [] };
    const watch = (type, into, options) => new PerformanceObserver((list) => {
      for (const { duration, name } of list.getEntries()) if (type !== 'event' || name === 'click') into.push(duration);
    }).observe({ type, buffered: true, ...options });
    watch('longtask', seen.tasks);
    watch('event', seen.clicks, { durationThreshold: 16 });`);
  await page.goto(url);
  await page.getByText('live', { exact: true }).waitFor();
  const { x, y } = await page.locator('#events').boundingBox();
  const leaving = new AbortController();
  const clicking = (async () => {
    while (!leaving.signal.aborted) {
      await page.mouse.click(x + 200, y + 20);
      await sleep(CLICK_EVERY_MS);
    }
  })();
  return {
    async close() {
      leaving.abort();
      await clicking;
      const seen = await page.evaluate('seen');
      await browser.close();
      return seen;
    },
  };
}

function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}

function onPath(program) {
  return process.env.PATH.split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));
}

async function startServe(cwd, flags) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json', ...flags], {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  const readyAfterMs = performance.now() - startedAt;
  const { url, pid } = JSON.parse(line);
  return {
    url,
    pid,
    readyAfterMs,
    async call(method, path, body) {
      const json = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(`${url}${path}`, body === undefined ? { method } : json);
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** As Linux counts it. */
function residentMb(pid) {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb) / 1024;
}
