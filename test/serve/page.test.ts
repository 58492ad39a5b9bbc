import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../helpers/exec.ts';
import { chromium, isMissing, urlOf } from '../helpers/services.ts';
import { writeFiles } from '../helpers/write-files.ts';
import { eventually, startServe, type LocalServer } from './local-server.ts';

const text = { type: 'string' };
const contract = {
  'events/catalog.json': {
    catalogVersion: 1,
    eventTypes: Object.fromEntries(
      ['invoice.paid', 'order.created', 'order.shipped', 'user.invited'].map((eventType) => [
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

/** Screenshots, for people to look at. */
const SHOTS = join(repositoryRoot, '.test-output/page');

describe.skipIf(isMissing(chromium))('the page of serve', { timeout: 60_000 }, () => {
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
    server = await startServe(cwd, '--in-memory', '--retry', '50ms', '--receiver', 'flaky=500');
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

  const section = (name: string) => page.getByRole('region', { name });

  async function publish(type: string, subject: string): Promise<void> {
    const form = section('Publish a test event');
    await form.getByLabel('Event type').fill(type);
    await form.getByLabel('Subject').fill(subject);
    await form.getByRole('button', { name: 'Publish' }).click();
    await form.getByText(`${type} published`).waitFor();
  }

  it('shows an event, its deliveries and their attempts, and filters by type and subject', async () => {
    await publish('order.created', 'ord_1');
    await publish('invoice.paid', 'inv_7');
    const events = section('Events');
    const order = events.getByRole('button', { name: /order\.created ord_1/ });
    await order.getByText('default delivered').waitFor();
    await order.click();
    const first = events.getByRole('table').first();
    await first.getByText('200', { exact: true }).waitFor();
    await events.getByText('"eventType": "order.created"').waitFor();
    await events.getByText('Requests and answers').first().click();
    await events.getByText(/user-agent: evtgen-webhooks\/1/).waitFor();
    await section('Attempts')
      .getByRole('img', { name: /\d+ succeeded, \d+ failed/ })
      .waitFor();
    await page.screenshot({ path: join(SHOTS, 'event.png') });

    await events.getByLabel('Show types that begin with').fill('invoice.');
    await expect.poll(() => events.getByRole('button', { name: /ord_1/ }).count()).toBe(0);
    expect(await events.getByRole('button', { name: /inv_7/ }).count()).toBe(1);
    await events.getByLabel('Show subjects that hold').fill('inv_8');
    await events.getByText('Nothing that fits the filter.').waitFor();
  });

  it('fills in a sample', async () => {
    const form = section('Publish a test event');
    await form.getByLabel('Event type').fill('user.invited');
    await form.getByRole('button', { name: 'Fill in a sample' }).click();
    const data = form.getByLabel('Data (JSON)');
    await expect.poll(() => data.inputValue()).toMatch(/"id": "user_/);
    const fields = form.getByRole('group', { name: 'Data' });
    await fields.getByLabel('role').selectOption('member');
    await fields.getByLabel('seats').fill('12');
    await fields.getByLabel('address.city').fill('Porto');
    expect(JSON.parse(await data.inputValue())).toMatchObject({
      role: 'member',
      seats: 12,
      address: { city: 'Porto' },
    });
    await page.screenshot({ path: join(SHOTS, 'form.png') });
    await form.getByRole('button', { name: 'Publish' }).click();
    await form.getByText('user.invited published').waitFor();
    const sent = await eventually(server.overview, ({ events }) => events[0]?.eventType === 'user.invited');
    expect(sent.events[0]).toMatchObject({ envelope: { data: { role: 'member', seats: 12 } } });
  });

  it('tells a receiver how to behave, and replays what it gave up', async () => {
    await publish('order.shipped', 'ord_2');
    const dead = section('Dead letters');
    await dead.getByText('every attempt failed').first().waitFor();
    await page.screenshot({ path: join(SHOTS, 'dead-letter.png'), fullPage: true });
    const behaviour = section('Receivers').getByLabel('How flaky behaves');
    expect(await behaviour.inputValue()).toBe('1');
    await behaviour.selectOption('accept');
    await expect
      .poll(async () => (await server.request('GET', '/_receive/flaky/behaviour')).body)
      .toMatchObject({ status: 200 });
    // No letter comes after this: what was sent before is decided, and all that follows is accepted.
    const { deadLetters } = await eventually(server.overview, ({ events, subscriptions }) =>
      events.every(
        ({ deliveries }) =>
          deliveries.length === subscriptions.length && deliveries.every(({ state }) => state !== 'pending'),
      ),
    );
    for (const { id } of deadLetters) {
      const button = dead.locator(`button[data-focus="replay-${id}"]`);
      await button.click();
      await button.waitFor({ state: 'detached' });
    }
    await dead.getByText('None: every delivery arrived').waitFor();
  });

  it('makes, pings, stops, resumes, rotates and deletes a subscription', async () => {
    const subscriptions = section('Subscriptions');
    await subscriptions.getByText('New subscription').click();
    const url = `${server.url}/_receive/mine`;
    await subscriptions.getByLabel('URL').fill(url);
    await subscriptions.getByLabel('Event types').fill('order.*, invoice.paid');
    await subscriptions.getByRole('button', { name: 'Subscribe' }).click();
    await subscriptions.getByText(/its secret, shown once: whsec_/).waitFor();
    const press = (name: string) => subscriptions.getByRole('button', { name: `${name} ${url}` }).click();
    await press('Edit');
    await subscriptions.getByLabel('Event types').fill('order.*');
    await subscriptions.getByLabel('Description').fill('only orders');
    await subscriptions.getByRole('button', { name: 'Save' }).click();
    await subscriptions.getByText('order.* · only orders').waitFor();
    await press('Ping');
    await subscriptions.getByText('a test event is on its way').waitFor();
    await server.received('mine', 1);
    await press('Disable');
    await subscriptions.getByText('disabled').waitFor();
    await publish('order.created', 'ord_3');
    await press('Resume');
    expect((await server.received('mine', 2)).requests.at(-1)).toMatchObject({ eventType: 'order.created' });
    await press('Rotate secret');
    await subscriptions.getByText(/the new secret, shown once: whsec_/).waitFor();
    await press('Delete');
    await expect.poll(() => subscriptions.getByRole('button', { name: `Ping ${url}` }).count()).toBe(0);
  });

  it('turns to older events', async () => {
    const { head } = await server.overview();
    const many = Array.from({ length: 60 }, (_, index) => ({
      type: 'order.created',
      subject: `many_${index}`,
    }));
    await server.request('POST', '/events', many);
    await eventually(server.overview, (now) => now.head === head + 60);
    const events = section('Events');
    await events.getByRole('button', { name: /many_59/ }).waitFor();
    await events.getByRole('button', { name: 'Older' }).click();
    await events.getByRole('button', { name: /many_9\b/ }).waitFor();
    expect(await events.getByRole('button', { name: /many_10\b/ }).count()).toBe(0);
    await events.getByRole('button', { name: 'Newest' }).click();
    await events.getByRole('button', { name: /many_59/ }).waitFor();
  });

  it.each([
    ['dark', { colorScheme: 'dark', width: 1280 }],
    ['narrow', { colorScheme: 'light', width: 400 }],
  ] as const)('fits %s screens', async (name, { colorScheme, width }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await section('Events').getByRole('button', { name: /#\d/ }).first().click();
    await section('Events').getByText('Requests and answers').first().click();
    await page.getByLabel('request').first().waitFor();
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate<number>(overflow)).toBe(0);
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  });

  // The last one: it is never over.
  it('says that an attempt is under way, before there is a row of it', async () => {
    await server.request('PUT', '/_receive/flaky/behaviour', { fault: 'no_answer' });
    await publish('invoice.paid', 'inv_slow');
    const event = section('Events').getByRole('button', { name: /inv_slow/ });
    await event.getByText('flaky under way').waitFor();
    await event.click();
    const underWay = section('Events').getByText('attempt under way', { exact: true });
    await expect.poll(() => underWay.count()).toBeGreaterThan(0);
  });
});
