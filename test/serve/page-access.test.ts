import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { chromium, isMissing } from '../helpers/services.ts';
import { eventually } from './local-server.ts';
import { LONG_TYPE, usePage } from './open-page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** More presses than there are places to go to. */
const MAX_PRESSES = 300;

describe.skipIf(isMissing(chromium))('the page of serve, for everybody', { timeout: 60_000 }, () => {
  const at = usePage('--retry', '50ms', '--receiver', 'flaky=500');

  /** Goes there by the Tab key alone. */
  async function tabTo(target: Locator): Promise<void> {
    await target.waitFor();
    for (let presses = 0; presses < MAX_PRESSES; presses++) {
      await at.page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    }
    throw new Error(`not reached by Tab: ${String(target)}`);
  }

  async function press(target: Locator, key = 'Enter'): Promise<void> {
    await tabTo(target);
    await at.page.keyboard.press(key);
  }

  it('is worked by the keyboard alone', async () => {
    const form = at.section('Publish a test event');
    const { keyboard } = at.page;
    await tabTo(form.getByLabel('Event type'));
    await keyboard.press('ControlOrMeta+a');
    await keyboard.type('order.created');
    await tabTo(form.getByLabel('Subject'));
    await keyboard.type('ord_1');
    await press(form.getByRole('button', { name: 'Publish' }));
    const events = at.section('Events');
    const row = events.getByRole('button', { name: /ord_1/ });
    await row.getByText('flaky exhausted').waitFor();
    await press(row);
    await press(events.getByText('Requests and answers').first());
    await at.page.getByLabel('request').first().waitFor();

    const behaviour = at.section('Receivers').getByLabel('How flaky behaves');
    await press(behaviour, 'Home');
    await expect
      .poll(async () => (await at.server.request('GET', '/_receive/flaky/behaviour')).body)
      .toMatchObject({ status: 200 });
    const dead = at.section('Dead letters');
    await press(dead.getByRole('button', { name: 'order.created', exact: true }));
    await dead.getByText('told to answer 500').first().waitFor();
    await press(dead.getByRole('button', { name: 'Replay order.created' }));
    await dead.getByText('None: every delivery arrived').waitFor();

    const subscriptions = at.section('Subscriptions');
    const url = `${at.server.url}/_receive/mine`;
    await press(subscriptions.getByText('New subscription'));
    await tabTo(subscriptions.getByLabel('URL'));
    await keyboard.type(url);
    await keyboard.press('Enter');
    await subscriptions.getByText(/its secret, shown once/).waitFor();
    await press(subscriptions.getByRole('button', { name: `Delete ${url}` }));
    await subscriptions.getByRole('button', { name: `Delete ${url}` }).waitFor({ state: 'detached' });
  });

  it.each([
    ['light', { colorScheme: 'light', width: 1280 }],
    ['dark', { colorScheme: 'dark', width: 1280 }],
    ['narrow', { colorScheme: 'light', width: 400 }],
  ] as const)('has nothing that axe finds fault with: %s', async (name, { colorScheme, width }) => {
    await at.page.emulateMedia({ colorScheme });
    await at.page.setViewportSize({ width, height: 900 });
    await at.server.request('PUT', '/_receive/flaky/behaviour', { status: 500 });
    const subject = `axe_${name}`;
    await at.server.request('POST', '/events', { type: 'order.created', subject });
    const row = at.section('Events').getByRole('button', { name: new RegExp(subject) });
    await row.getByText('flaky exhausted').waitFor();
    await row.click();
    await at.section('Events').getByText('Requests and answers').first().click();
    await at.page.getByLabel('request').first().waitFor();
    await at
      .section('Dead letters')
      .getByRole('button', { name: 'order.created', exact: true })
      .first()
      .click();
    await at.page.getByLabel(/^the event of/).waitFor();
    await at.section('Subscriptions').getByRole('button', { name: /^Edit/ }).first().click();
    await at.page.evaluate(AXE);
    const { violations } = await at.page.evaluate<AxeResults>('axe.run()');
    const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]);
    await at.shoot(`opened-${name}`);
    expect(found).toEqual([]);
  });

  it('holds what is large', async () => {
    const url = `${at.server.url}/_receive/long?${'q'.repeat(1_960)}`;
    expect(await at.server.request('POST', '/webhooks', { url, eventTypes: ['*'] })).toMatchObject({
      status: 201,
    });
    const data = { id: 'large', text: 'word '.repeat(40_000) };
    const subject = `subject_${'x'.repeat(200)}`;
    const small = Array.from({ length: 49 }, () => ({ type: LONG_TYPE, subject, data: { id: 'small' } }));
    await at.server.request('POST', '/events', [{ type: LONG_TYPE, subject, data }, ...small]);
    const { head } = await eventually(at.server.overview, ({ events }) => events[0]?.eventType === LONG_TYPE);
    const answer = await fetch(`${at.server.url}/_serve/overview`);
    // Without the data: the page asks for it where somebody looks.
    expect(await answer.text()).not.toContain('word word');
    const events = at.section('Events');
    const row = events.getByRole('button', { name: new RegExp(`^#${head - 49} `) });
    await row.click();
    await at.page.getByLabel(`event ${head - 49} as JSON`).waitFor();
    for (const width of [400, 1280]) {
      await at.page.setViewportSize({ width, height: 900 });
      expect([width, await at.overflow()]).toEqual([width, 0]);
      await at.shoot(`large-${width}`);
    }
  });

  it('leaves the focus beside what was deleted, and on the heading when it was the last', async () => {
    const focused = (): Promise<string> =>
      at.page.evaluate(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
      );
    const subscriptions = at.section('Subscriptions');
    const before = (await at.server.overview()).subscriptions;
    for (const [index, { url }] of before.entries()) {
      await subscriptions.getByRole('button', { name: `Delete ${url}`, exact: true }).press('Enter');
      await subscriptions
        .getByRole('button', { name: `Delete ${url}`, exact: true })
        .waitFor({ state: 'detached' });
      const next = before[index + 1];
      expect(await focused()).toBe(next === undefined ? 'Subscriptions' : `Edit ${next.url}`);
    }
  });
});
