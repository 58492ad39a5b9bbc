import { beforeEach, expect, test } from 'vitest';
import type { Alert, RaisedAlert } from '../../src/kernel/alert.ts';
import { createAlerts } from '../../src/kernel/alerts.ts';
import type { Alerts, AlertsOptions } from '../../src/kernel/alerts.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import type { ManualClock } from '../helpers/manual-clock.ts';

let clock: ManualClock;
let brought: RaisedAlert[];
let logged: string[];

beforeEach(() => {
  clock = createManualClock();
  brought = [];
  logged = [];
});

function alertsWith(options: AlertsOptions = {}): Alerts {
  const ignore = (): void => undefined;
  return createAlerts({
    clock,
    onAlert: (alert) => void brought.push(alert),
    logger: { info: ignore, warn: ignore, error: (message) => void logged.push(message) },
    basePath: '/api',
    ...options,
  });
}

const exhausted = (change: Partial<Alert> = {}): Alert => ({
  kind: 'dead_letter.delivery_exhausted',
  message: 'order.created could not be delivered',
  deadLetterId: 'letter-1',
  subscriptionId: 'sub-1',
  eventType: 'order.created',
  ...change,
});

test('the first comes at once, with what a person needs to act', async () => {
  alertsWith().raise(exhausted({ lastStatus: 500, lastBody: 'broken' }));
  await clock.advance(0);
  expect(brought).toEqual([
    {
      ...exhausted({ lastStatus: 500, lastBody: 'broken' }),
      count: 1,
      since: '2026-01-01T00:00:00.000Z',
      actions: [
        'GET /api/dead-letters/letter-1',
        'POST /api/dead-letters/letter-1/replay',
        'GET /api/webhooks/sub-1/deliveries',
      ],
    },
  ]);
});

test('ten thousand equal ones are two, the second of which counts the others', async () => {
  const alerts = alertsWith();
  alerts.raise(exhausted());
  await clock.advance(60_000);
  for (let count = 2; count <= 10_000; count += 1)
    alerts.raise(exhausted({ deadLetterId: `letter-${count}` }));
  await clock.advance(239_999);
  expect(brought).toHaveLength(1);
  await clock.advance(1);
  expect(brought[1]).toMatchObject({
    count: 9_999,
    since: '2026-01-01T00:01:00.000Z',
    deadLetterId: 'letter-10000',
    message: 'order.created could not be delivered (the latest of 9999 like it)',
  });
  // What goes on is summed up every five minutes; after a quiet while the next one comes at once.
  alerts.raise(exhausted());
  await clock.advance(300_000);
  expect(brought.map(({ count }) => count)).toEqual([1, 9_999, 1]);
  await clock.advance(300_000);
  alerts.raise(exhausted());
  await clock.advance(0);
  expect(brought.map(({ count }) => count)).toEqual([1, 9_999, 1, 1]);
  expect(logged).toEqual([]);
});

test('other kinds, subscriptions and tenants are not equal', async () => {
  const alerts = alertsWith();
  alerts.raise(exhausted());
  alerts.raise(exhausted({ subscriptionId: 'sub-2' }));
  alerts.raise(exhausted({ tenant: 'acme' }));
  alerts.raise(exhausted({ kind: 'subscription.deactivated' }));
  await clock.advance(0);
  expect(brought).toHaveLength(4);
  expect(brought[3]?.actions.at(-1)).toBe('POST /api/webhooks/sub-1/enable');
});

test('when everything fails at once, that is one cause and not a page for each subscription', async () => {
  const alerts = alertsWith();
  for (let count = 1; count <= 10_000; count += 1)
    alerts.raise(exhausted({ subscriptionId: `sub-${count}` }));
  await clock.advance(300_000);
  expect(brought).toHaveLength(22);
  expect(brought.at(-1)?.count).toBe(10_000 - 21);
});

test('a hook that fails or hangs is logged, and waits for nobody', async () => {
  let calls = 0;
  const alerts = alertsWith({
    onAlert: () => {
      calls += 1;
      if (calls === 1) throw new Error('pager is down');
      return new Promise(() => undefined);
    },
  });
  alerts.raise(exhausted());
  alerts.raise(exhausted({ subscriptionId: 'sub-2' }));
  await clock.advance(10_000);
  const failures = logged.filter((message) => message.startsWith('the alert hook failed'));
  expect(failures).toEqual([
    'the alert hook failed on "dead_letter.delivery_exhausted": pager is down',
    'the alert hook failed on "dead_letter.delivery_exhausted": no answer within 10000 ms',
  ]);
});

test('closing brings what is joined so far and waits for the hook', async () => {
  let finish: (() => void) | undefined;
  const alerts = alertsWith({
    onAlert: (alert) => {
      brought.push(alert);
      return alert.count === 1 ? undefined : new Promise((resolve) => (finish = resolve));
    },
  });
  for (let count = 0; count < 3; count += 1) alerts.raise(exhausted());
  let isClosed = false;
  const closing = alerts.close().then(() => (isClosed = true));
  await clock.advance(0);
  expect(brought.map(({ count }) => count)).toEqual([1, 2]);
  expect(isClosed).toBe(false);
  finish?.();
  await closing;
});
