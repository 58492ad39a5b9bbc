import { describe, expect, test } from 'vitest';
import { backoffMs, systemClock } from '../../src/kernel/clock.ts';
import { describeError } from '../../src/kernel/describe-error.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import type { PartHealth, WorkerPart } from '../../src/kernel/worker.ts';
import { createManualClock } from '../helpers/manual-clock.ts';

describe('signal', () => {
  test('wakes everybody who waits, and nobody who comes later', async () => {
    const clock = createManualClock();
    const signal = createSignal(clock);
    const woken: string[] = [];
    void signal.wait(1_000).then(() => woken.push('first'));
    void signal.wait(1_000).then(() => woken.push('second'));
    signal.notify();
    void signal.wait(1_000).then(() => woken.push('third'));
    await clock.advance(999);
    expect(woken).toEqual(['first', 'second']);
    await clock.advance(1);
    expect(woken).toEqual(['first', 'second', 'third']);
  });

  test('a wake-up between the look and the wait is not missed', async () => {
    const clock = createManualClock();
    const signal = createSignal(clock);
    const generation = signal.generation();
    signal.notify();
    let isWoken = false;
    void signal.wait(1_000, undefined, generation).then(() => (isWoken = true));
    await clock.advance(0);
    expect(isWoken).toBe(true);
  });

  test('an abort ends the wait, before it or during it', async () => {
    const signal = createSignal();
    await expect(signal.wait(60_000, AbortSignal.abort())).resolves.toBeUndefined();
    const controller = new AbortController();
    const waiting = signal.wait(60_000, controller.signal);
    controller.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});

test('the clock of the machine sleeps, and wakes at once when aborted', async () => {
  const startedAt = systemClock.monotonic();
  await systemClock.sleep(20);
  expect(systemClock.monotonic() - startedAt).toBeGreaterThan(15);
  await systemClock.sleep(60_000, AbortSignal.abort());
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort();
  await sleeping;
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
});

test('pauses double up to the ceiling, and at least half of each is fixed', () => {
  expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 100, 500, () => 1))).toEqual([
    100, 200, 400, 500,
  ]);
  expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 100, 500, () => 0))).toEqual([50, 100, 200, 250]);
  expect(backoffMs(1_000_000, 100, 500, () => 1)).toBe(500);
});

test.each<[string, unknown, string]>([
  ['the causes too', new Error('read failed', { cause: new Error('ECONNRESET') }), 'read failed: ECONNRESET'],
  ['each message once', new Error('same', { cause: new Error('same') }), 'same'],
  [
    'the parts of an aggregate without a message',
    new AggregateError([new Error('connect ECONNREFUSED ::1'), new Error('connect ECONNREFUSED 127.0.0.1')]),
    'connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1',
  ],
  ['an error without a message by its name', new TypeError(''), 'TypeError'],
  ['what is no error', 'just text', 'just text'],
])('describes %s', (_what, error, expected) => {
  expect(describeError(error)).toBe(expected);
});

test('a circle of causes has an end', () => {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  expect(describeError(error)).toBe('a: b');
});

describe('worker', () => {
  function part(name: string, state: PartHealth['state'], stop: () => Promise<void>): WorkerPart {
    return {
      name,
      start: () => undefined,
      stop,
      health: () => ({ name, state, since: '2026-01-01T00:00:00.000Z' }),
    };
  }

  test('is well while parts work or stand by, and not when one fails', () => {
    const done = (): Promise<void> => Promise.resolve();
    const well = createWorker({ parts: [part('a', 'active', done), part('b', 'standby', done)] });
    expect(well.health()).toMatchObject({ ok: true, parts: [{ name: 'a' }, { name: 'b' }] });
    expect(createWorker({ parts: [part('a', 'active', done), part('b', 'failing', done)] }).health().ok).toBe(
      false,
    );
  });

  test('stops every part, also when one of them cannot', async () => {
    const stopped: string[] = [];
    const errors: unknown[] = [];
    const worker = createWorker({
      parts: [
        part('bad', 'active', () => Promise.reject(new Error('stuck'))),
        part('good', 'active', () => {
          stopped.push('good');
          return Promise.resolve();
        }),
      ],
      logger: { info: () => undefined, warn: () => undefined, error: (...error) => void errors.push(error) },
    });
    await worker.stop();
    expect(stopped).toEqual(['good']);
    expect(errors).toEqual([['bad did not stop cleanly', { error: 'stuck' }]]);
  });
});
