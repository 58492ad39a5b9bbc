import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../helpers/exec.ts';
import { chromium, isMissing } from '../helpers/services.ts';
import { eventually } from './local-server.ts';
import { usePage } from './open-page.ts';

describe.skipIf(isMissing(chromium))('the page of serve', { timeout: 60_000 }, () => {
  const at = usePage('--retry', '50ms', '--time-scale', '2', '--receiver', 'flaky=500');

  it('shows an event, its deliveries and their attempts, and filters by type and subject', async () => {
    await at.publish('order.created', 'ord_1');
    await at.publish('invoice.paid', 'inv_7');
    const events = at.section('Events');
    const order = events.getByRole('button', { name: /order\.created ord_1/ });
    await order.getByText('default delivered').waitFor();
    await order.click();
    const first = events.getByRole('table').first();
    await first.getByText('200', { exact: true }).waitFor();
    await events.getByText('"eventType": "order.created"').waitFor();
    await events.getByText('Requests and answers').first().click();
    await events.getByText(/user-agent: evtgen-webhooks\/1/).waitFor();
    await at.page.getByText('Retries after 50ms; here 2 times faster: 25ms.').waitFor();
    await at
      .section('Attempts')
      .getByRole('img', { name: /\d+ succeeded, \d+ failed/ })
      .waitFor();
    await at.shoot('event');

    await events.getByLabel('Show types that begin with').fill('invoice.');
    await expect.poll(() => events.getByRole('button', { name: /ord_1/ }).count()).toBe(0);
    expect(await events.getByRole('button', { name: /inv_7/ }).count()).toBe(1);
    await events.getByLabel('Show subjects that hold').fill('inv_8');
    await events.getByText('Nothing that fits the filter.').waitFor();
  });

  it('fills in a sample', async () => {
    const form = at.section('Publish a test event');
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
    await at.shoot('form');
    await form.getByRole('button', { name: 'Publish' }).click();
    await form.getByText('user.invited published').waitFor();
    const sent = await eventually(
      at.server.overview,
      ({ events }) => events[0]?.eventType === 'user.invited',
    );
    const { body } = await at.server.request('GET', `/_serve/events/${sent.head}`);
    expect(body).toMatchObject({ data: { role: 'member', seats: 12 } });
  });

  it('tells a receiver how to behave, and replays what it gave up', async () => {
    await at.publish('order.shipped', 'ord_2');
    const dead = at.section('Dead letters');
    await dead.getByText('every attempt failed').first().waitFor();
    await at.shoot('dead-letter');
    const behaviour = at.section('Receivers').getByLabel('How flaky behaves');
    expect(await behaviour.inputValue()).toBe('1');
    await behaviour.selectOption('accept');
    await expect
      .poll(async () => (await at.server.request('GET', '/_receive/flaky/behaviour')).body)
      .toMatchObject({ status: 200 });
    // No letter comes after this: what was sent before is decided, and all that follows is accepted.
    const { deadLetters } = await eventually(at.server.overview, ({ events, subscriptions }) =>
      events.every(
        ({ deliveries }) =>
          deliveries.length === subscriptions.length && deliveries.every(({ state }) => state !== 'pending'),
      ),
    );
    const [first] = deadLetters;
    await dead.locator(`button[data-focus="letter-${first?.id}"]`).click();
    await dead.getByText('told to answer 500').first().waitFor();
    await dead.getByText(`"eventType": "${first?.eventType}"`).waitFor();
    for (const { id } of deadLetters) {
      const button = dead.locator(`button[data-focus="replay-${id}"]`);
      await button.click();
      await button.waitFor({ state: 'detached' });
    }
    await dead.getByText('None: every delivery arrived').waitFor();
  });

  it('replays all dead letters of a type', async () => {
    // One that arrives, or the failures of before would count to a deactivation.
    const { received } = await at.server.received('flaky', 0);
    await at.server.request('POST', '/events', { type: 'order.created' });
    await at.server.received('flaky', received + 1);
    await at.server.request('PUT', '/_receive/flaky/behaviour', { status: 500 });
    const events = ['order.created', 'invoice.paid'].flatMap((type) => [{ type }, { type }]);
    await at.server.request('POST', '/events', events);
    const dead = at.section('Dead letters');
    await eventually(at.server.overview, ({ deadLetters }) => deadLetters.length === 4);
    await at.server.request('PUT', '/_receive/flaky/behaviour', {});
    await dead.getByLabel('Show dead letters of the type').fill('order.*');
    await dead.getByRole('button', { name: 'Replay these' }).click();
    await dead.getByText('replayed 2 dead letters').waitFor();
    await dead.getByText('None of that type.').waitFor();
    const { deadLetters } = await at.server.overview();
    expect(deadLetters.map(({ eventType }) => eventType)).toEqual(['invoice.paid', 'invoice.paid']);
    await dead.getByLabel('Show dead letters of the type').fill('');
    await dead.getByRole('button', { name: 'Replay all' }).click();
    await dead.getByText('None: every delivery arrived').waitFor();
  });

  /** What a button of an opened event copies; the word that it shows then is there for a moment only. */
  async function copied(name: string): Promise<string> {
    const clipboard = (): Promise<string> => at.page.evaluate<string>('navigator.clipboard.readText()');
    await at.page.evaluate(`navigator.clipboard.writeText('')`);
    await at.section('Events').getByRole('button', { name }).first().click();
    await expect.poll(clipboard).not.toBe('');
    return clipboard();
  }

  it('gives the command that checks a signature', async () => {
    await at.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await at.publish('order.created', "o'brien");
    const events = at.section('Events');
    await events.getByRole('button', { name: /o'brien/ }).click();
    await events.getByText('Requests and answers').first().click();
    const command = await copied('Copy as verify-sig');
    expect(command).toContain("o'\\''brien");
    const env = { ...process.env, EVTGEN_SECRET: at.server.secret };
    const inRepository = command.replace('evtgen verify-sig', 'node bin/evtgen.js verify-sig');
    const { exitCode, all } = await execa(inRepository, { shell: true, env, all: true, cwd: repositoryRoot });
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
  });

  it('makes, pings, stops, resumes, rotates and deletes a subscription', async () => {
    const subscriptions = at.section('Subscriptions');
    await subscriptions.getByText('New subscription').click();
    const url = `${at.server.url}/_receive/mine`;
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
    await at.server.received('mine', 1);
    await press('Disable');
    await subscriptions.getByText('disabled').waitFor();
    await at.publish('order.created', 'ord_3');
    await press('Resume');
    expect((await at.server.received('mine', 2)).requests.at(-1)).toMatchObject({
      eventType: 'order.created',
    });
    await press('Rotate secret');
    await subscriptions.getByText(/the new secret, shown once: whsec_/).waitFor();
    await press('Delete');
    await expect.poll(() => subscriptions.getByRole('button', { name: `Ping ${url}` }).count()).toBe(0);
  });

  it('turns to older events', async () => {
    const { head } = await at.server.overview();
    const many = Array.from({ length: 60 }, (_, index) => ({
      type: 'order.created',
      subject: `many_${index}`,
    }));
    await at.server.request('POST', '/events', many);
    await eventually(at.server.overview, (now) => now.head === head + 60);
    const events = at.section('Events');
    await events.getByRole('button', { name: /many_59/ }).waitFor();
    await events.getByRole('button', { name: 'Older' }).click();
    await events.getByRole('button', { name: /many_9\b/ }).waitFor();
    expect(await events.getByRole('button', { name: /many_10\b/ }).count()).toBe(0);
    await events.getByRole('button', { name: 'Newest' }).click();
    await events.getByRole('button', { name: /many_59/ }).waitFor();
    // Also what no page before has shown.
    await events.getByLabel('Show subjects that hold').fill('many_3');
    await expect.poll(() => events.getByRole('button', { name: /many_/ }).count()).toBe(11);
    await events.getByText(`11 that fit of ${head + 60} events`).waitFor();
  });

  it.each([
    ['dark', { colorScheme: 'dark', width: 1280 }],
    ['narrow', { colorScheme: 'light', width: 400 }],
  ] as const)('fits %s screens', async (name, { colorScheme, width }) => {
    await at.page.emulateMedia({ colorScheme });
    await at.page.setViewportSize({ width, height: 900 });
    // Of older ones the requests may be forgotten by now: those before are still being retried.
    await at.publish('order.created', `ord_${name}`);
    const event = at.section('Events').getByRole('button', { name: new RegExp(`ord_${name}`) });
    await event.getByText('default delivered').waitFor();
    await event.click();
    await at.section('Events').getByText('Requests and answers').first().click();
    await at.page.getByLabel('request').first().waitFor();
    expect(await at.overflow()).toBe(0);
    await at.shoot(name);
  });

  // The last one: it is never over.
  it('says that an attempt is under way, before there is a row of it', async () => {
    await at.server.request('PUT', '/_receive/flaky/behaviour', { fault: 'no_answer' });
    await at.publish('invoice.paid', 'inv_slow');
    const event = at.section('Events').getByRole('button', { name: /inv_slow/ });
    await event.getByText('flaky under way').waitFor();
    await event.click();
    const underWay = at.section('Events').getByText('attempt under way', { exact: true });
    await expect.poll(() => underWay.count()).toBeGreaterThan(0);
  });

  it('gives commands and a test that do the same again', async () => {
    await at.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const subject = "o'neill";
    await at.publish('order.created', subject);
    const events = at.section('Events');
    await events.getByRole('button', { name: /o'neill/ }).click();
    const curl = await copied('Copy as curl');
    const trigger = await copied('Copy as trigger');
    const test = await copied('Copy as test');
    const { head } = await at.server.overview();
    const env = { EVTGEN_URL: at.server.url };
    const options = { shell: true, env, all: true, cwd: repositoryRoot, reject: false } as const;
    for (const command of [curl, trigger.replace('| evtgen', '| node bin/evtgen.js')]) {
      expect(await execa(command, options)).toMatchObject({ exitCode: 0 });
    }
    expect(
      await execa('node', ['--input-type=module'], { ...options, shell: false, input: test }),
    ).toMatchObject({
      exitCode: 0,
    });
    const again = await at.server.request('GET', `/_serve/overview?subject=${encodeURIComponent(subject)}`);
    expect(again.body).toMatchObject({ head: head + 3, events: [{}, {}, {}, {}] });
  });

  it('tells a receiver all that it offers', async () => {
    const told = {
      accept: { status: 200, failNext: 0, failPercent: 100, fault: null },
      'fail with 500': { status: 500 },
      'fail the next 2 requests': { status: 500, failNext: 2 },
      'fail every second request or so': { status: 500, failPercent: 50 },
      '429, Retry-After: 30': { status: 429, retryAfterSeconds: 30 },
      '410 Gone: the subscription ends': { status: 410 },
      redirect: { status: 302, location: 'https://example.com/' },
      'answer after 3 seconds': { status: 200, delayMs: 3000 },
      'drip the answer': { status: 200, dripMs: 200 },
      'never answer': { fault: 'no_answer' },
      'reset the connection': { fault: 'reset' },
      'untrusted certificate': { fault: 'untrusted_tls' },
    };
    const select = at.section('Receivers').getByLabel('How flaky behaves');
    await select.selectOption('accept');
    await expect.poll(() => select.locator('option').allTextContents()).toEqual(Object.keys(told));
    for (const [label, behaviour] of Object.entries(told).toReversed()) {
      await select.selectOption({ label });
      await expect
        .poll(async () => (await at.server.request('GET', '/_receive/flaky/behaviour')).body)
        .toMatchObject(behaviour);
    }
  });

  it('says that an event is published, whatever it waited for before is answered after', async () => {
    const form = at.section('Publish a test event');
    await form.locator('#fields input').first().waitFor();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await at.page.route('**/_serve/sample?*', async (route) => {
      await held;
      await route.continue();
    });
    await at.publish('invoice.paid', 'inv_early');
    const refreshed = at.page
      .waitForResponse(/_serve\/sample/)
      .then(() => at.page.waitForResponse(/_serve\/overview/));
    release();
    await refreshed;
    expect(await form.getByText('invoice.paid published').count()).toBe(1);
  });
});
