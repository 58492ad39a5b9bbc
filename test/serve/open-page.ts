import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { repositoryRoot } from '../helpers/exec.ts';
import { chromium, urlOf } from '../helpers/services.ts';
import { writeFiles } from '../helpers/write-files.ts';
import { startServe, type LocalServer } from './local-server.ts';

/** Longer than any column. */
export const LONG_TYPE = `${'very_'.repeat(20)}long_resource.created`;

const text = { type: 'string' };
const contract = {
  'events/catalog.json': {
    catalogVersion: 1,
    eventTypes: Object.fromEntries(
      ['invoice.paid', 'order.created', 'order.shipped', 'user.invited', LONG_TYPE].map((eventType) => [
        eventType,
        { version: 1, audience: 'public' },
      ]),
    ),
    mutations: {},
  },
  'events/schemas/user.invited.v1.json': {
    type: 'object',
    properties: {
      id: text,
      role: { type: 'string', enum: ['owner', 'member'] },
      seats: { type: 'integer' },
      address: { type: 'object', properties: { city: text } },
      tags: { type: 'array', items: text },
    },
    required: ['id', 'role', 'seats'],
  },
};

const SHOTS = join(repositoryRoot, '.test-output/page');

export interface OpenPage {
  readonly page: Page;
  readonly server: LocalServer;
  section(name: string): Locator;
  publish(type: string, subject: string): Promise<void>;
  /** For people to look at. */
  shoot(name: string): Promise<void>;
  /** By how much it is wider than the window. */
  overflow(): Promise<number>;
}

/** The page of a `serve` for each test of a file: an error in it, and a request to anywhere else, fail the test. */
export function usePage(...flags: string[]): OpenPage {
  let browser: Browser;
  let server: LocalServer;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    // Containers give the browser no sandbox of its own.
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    browser = await playwright.launch({ executablePath: urlOf(chromium), args });
    const cwd = mkdtempSync(join(tmpdir(), 'evtgen-page-'));
    writeFiles(cwd, contract);
    server = await startServe(cwd, '--in-memory', ...flags);
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await server.running.stop('SIGTERM');
  });

  beforeEach(async () => {
    problems = [];
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:'))
        problems.push(request.url());
    });
    await page.goto(server.url);
    await page.getByText('live', { exact: true }).waitFor();
  });
  afterEach(async () => {
    await page.close();
    if (problems.length > 0) throw new Error(problems.join('\n'));
  });

  const section = (name: string): Locator => page.getByRole('region', { name });
  return {
    get page() {
      return page;
    },
    get server() {
      return server;
    },
    section,
    async publish(type, subject) {
      const form = section('Publish a test event');
      await form.getByLabel('Event type').fill(type);
      await form.getByLabel('Subject').fill(subject);
      await form.getByRole('button', { name: 'Publish' }).click();
      await form.getByText(`${type} published`).waitFor();
    },
    async shoot(name) {
      await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
    },
    overflow: () =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  };
}
