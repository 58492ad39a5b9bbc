import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EvtgenError } from '../../src/ui/errors.ts';
import { parseReceiver } from '../../src/serve/receivers/receiver-flag.ts';
import { eventually, startServe, type Overview } from './local-server.ts';

interface Fault {
  /** As `--receiver` has it. */
  readonly behaviour: string;
  /** What the attempt log says: a status, or why there was none. */
  readonly attempts: readonly (number | string)[];
  /** What else the first attempt says. */
  readonly says?: RegExp;
  readonly state: 'delivered' | 'exhausted' | 'pending';
  readonly subscription?: 'deactivated';
  /** Milliseconds between the first two attempts, at least. */
  readonly waitsMs?: number;
}

/** Two retries, 50 ms apart: three attempts. */
const RETRY = '50ms,50ms';
const FAULTS: Readonly<Record<string, Fault>> = {
  ok: { behaviour: '200', attempts: [200], says: /"verified":true/, state: 'delivered' },
  empty: { behaviour: '204', attempts: [204], state: 'delivered' },
  late: { behaviour: 'delay:300ms', attempts: [200], state: 'delivered' },
  large: { behaviour: 'body:100000', attempts: [200], says: /^\.{1000} …$/, state: 'delivered' },
  trickling: { behaviour: 'drip:20ms', attempts: [200], says: /"verified":true/, state: 'delivered' },
  broken: { behaviour: '500', attempts: [500, 500, 500], says: /told to answer 500/, state: 'exhausted' },
  refusing: { behaviour: '404,fail-next:2', attempts: [404, 404, 200], state: 'delivered' },
  flaky: { behaviour: 'fail-percent:50,seed:17', attempts: [500, 500, 200], state: 'delivered' },
  gone: { behaviour: '410', attempts: [410], state: 'pending', subscription: 'deactivated' },
  busy: {
    behaviour: '503,retry-after:1s,fail-next:1',
    attempts: [503, 200],
    state: 'delivered',
    waitsMs: 1_000,
  },
  throttled: {
    behaviour: '429,retry-after:1s,fail-next:1',
    attempts: [429, 200],
    state: 'delivered',
    waitsMs: 1_000,
  },
  limited: {
    behaviour: '429,retry-after-date:3s,fail-next:1',
    attempts: [429, 200],
    state: 'delivered',
    // A date has whole seconds.
    waitsMs: 2_000,
  },
  moved: {
    behaviour: 'redirect:/_receive/elsewhere,fail-next:1',
    attempts: [302, 200],
    state: 'delivered',
  },
  away: {
    behaviour: '307,redirect:https://elsewhere.example/',
    attempts: [307, 307, 307],
    state: 'exhausted',
  },
  cut: { behaviour: 'reset,fail-next:1', attempts: ['reset', 200], state: 'delivered' },
  torn: { behaviour: 'reset-after-headers,fail-next:1', attempts: ['reset', 200], state: 'delivered' },
  untrusted: {
    behaviour: 'untrusted-tls',
    attempts: ['tls', 'tls', 'tls'],
    says: /self-signed certificate/,
    state: 'exhausted',
  },
  silent: {
    behaviour: 'no-answer,fail-next:1',
    attempts: ['timeout', 200],
    says: /no complete response within 15000 ms/,
    state: 'delivered',
  },
  dripping: {
    behaviour: 'drip:1s,fail-next:1',
    attempts: ['timeout', 200],
    says: /no complete response within 15000 ms/,
    state: 'delivered',
  },
};

/** In place of a refused certificate, where the machine has no time even for a handshake. */
const BUSY = 'no connection within 5000 ms';

type Delivery = Overview['events'][number]['deliveries'][number];

it('every misbehaviour shows in the attempt log, and is retried as it should be', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'evtgen-faults-'));
  const flags = Object.keys(FAULTS).map((name) =>
    name === 'untrusted' ? '--receiver=untrusted=untrusted-tls' : `--receiver=${name}`,
  );
  const server = await startServe(cwd, '--in-memory', '--retry', RETRY, ...flags);
  try {
    // Code that runs for the first time is slow, and might be taken for a receiver that is.
    await server.request('POST', '/events', { type: 'order.warmed_up' });
    await eventually(server.overview, ({ deadLetters }) => deadLetters.length === 1);
    for (const [name, { behaviour }] of Object.entries(FAULTS)) {
      if (name !== 'untrusted') await server.received(name, 1);
      const told = parseReceiver(`${name}=${behaviour}`).behaviour;
      await server.request('PUT', `/_receive/${name}/behaviour`, told);
    }
    await server.request('POST', '/events', { type: 'order.created' });
    const { events, subscriptions, deadLetters } = await eventually(server.overview, ({ events }) => {
      const deliveries = (events[0]?.eventType === 'order.created' && events[0].deliveries) || [];
      const isSettled = ({ state, url }: Delivery): boolean => state !== 'pending' || nameOf(url) === 'gone';
      return deliveries.length === 1 + flags.length && deliveries.every(isSettled);
    });

    const wrong: unknown[] = [];
    for (const [name, fault] of Object.entries(FAULTS)) {
      const delivery = events[0]?.deliveries.find(({ url }) => nameOf(url) === name);
      const subscription = subscriptions.find(({ url }) => nameOf(url) === name);
      const attempts = delivery?.attempts ?? [];
      const [first] = attempts;
      const telling = attempts.find(({ error }) => error !== BUSY) ?? first;
      const outcomes = attempts.map(({ status, failure, error }) =>
        error === BUSY ? 'tls' : (status ?? failure),
      );
      const says = telling?.error ?? telling?.body ?? '';
      const row = [fault.behaviour.padEnd(42), outcomes.join(', ').padEnd(15), delivery?.state.padEnd(9)];
      process.stdout.write(`${row.join('  ')}  ${subscription?.state}  ${says.slice(0, 60)}\n`);
      const found = { attempts: outcomes, state: delivery?.state, subscription: subscription?.state };
      const { subscription: state = 'active' } = fault;
      const wanted = { attempts: fault.attempts, state: fault.state, subscription: state };
      if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ name, found, wanted });
      if (!(fault.says ?? /^/).test(says)) wrong.push({ name, says });
      const waitMs = attempts.length > 1 ? waitOf(attempts) : 0;
      if (waitMs < (fault.waitsMs ?? 0)) wrong.push({ name, waitMs });
    }
    expect(wrong).toEqual([]);
    const errors = deadLetters
      .filter(({ eventType }) => eventType === 'order.created')
      .map(({ error }) => error);
    expect(errors.toSorted()).toEqual(['HTTP 307', 'HTTP 500', expect.stringContaining('tls: ')]);
    // The page shows the beginning of what is kept.
    const large = subscriptions.find(({ url }) => nameOf(url) === 'large');
    const kept = await server.request('GET', `/webhooks/${large?.id}/deliveries?limit=1`);
    expect(kept.body).toMatchObject({ data: [{ attempts: [{ body: '.'.repeat(16_384) }] }] });
    // No redirect was followed.
    expect((await server.received('elsewhere', 0)).received).toBe(0);
  } finally {
    await server.running.stop('SIGTERM');
  }
});

it('has all that a receiver can be told', () => {
  let known = '';
  try {
    parseReceiver('any=unknown');
  } catch (error) {
    known = error instanceof EvtgenError ? (error.hint ?? '') : '';
  }
  const items = known.replace('known are a status, ', '').split(', ');
  expect(items.length).toBeGreaterThan(10);
  const told = Object.values(FAULTS).flatMap(({ behaviour }) => behaviour.split(','));
  const missing = items.filter((item) => !told.some((each) => each.startsWith(item.replace('…', ''))));
  expect(missing).toEqual([]);
});

function nameOf(url: string): string {
  return new URL(url).pathname.slice('/_receive/'.length);
}

/** From the end of the first attempt to the second. */
function waitOf([first, second]: Delivery['attempts']): number {
  return Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '') - (first?.durationMs ?? 0);
}
