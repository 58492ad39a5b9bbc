import { beforeEach, expect, test } from 'vitest';
import { createJoinedWriter } from '../../src/kernel/joined-writer.ts';
import type { JoinedWriter } from '../../src/kernel/joined-writer.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import type { ManualClock } from '../helpers/manual-clock.ts';

let clock: ManualClock;
let written: (readonly number[])[];
let fail: boolean;
let stop: AbortController;
let writer: JoinedWriter<number>;

beforeEach(() => {
  clock = createManualClock();
  written = [];
  fail = false;
  stop = new AbortController();
  writer = createJoinedWriter({
    write: (items) => {
      if (fail) return Promise.reject(new Error('away'));
      written.push(items);
      return Promise.resolve();
    },
    clock,
    onError: () => undefined,
    stop: stop.signal,
  });
});

test('a result that comes alone is written at once, and so is the next', async () => {
  expect(await writer.add(1)).toBe(true);
  expect(await writer.add(2)).toBe(true);
  expect(written).toEqual([[1], [2]]);
  expect(clock.monotonic()).toBe(0);
});

test('behind a write of many, others gather for a moment and are one statement', async () => {
  const first = [1, 2, 3, 4, 5].map((item) => writer.add(item));
  await clock.advance(0);
  // The first was alone when it came; the four waited for its end.
  expect(written).toEqual([[1], [2, 3, 4, 5]]);
  const later = [6, 7].map((item) => writer.add(item));
  await clock.advance(1);
  later.push(writer.add(8));
  expect(written).toHaveLength(2);
  await clock.advance(1);
  expect(written).toEqual([[1], [2, 3, 4, 5], [6, 7, 8]]);
  await clock.advance(100);
  expect(await Promise.all([...first, ...later])).toEqual(Array(8).fill(true));
});

test('a stop ends the gathering, and writes what is there', async () => {
  const first = [1, 2, 3].map((item) => writer.add(item));
  await clock.advance(0);
  const last = writer.add(4);
  stop.abort();
  expect(await last).toBe(true);
  expect(await Promise.all(first)).toEqual([true, true, true]);
  expect(written.flat()).toEqual([1, 2, 3, 4]);
});

test('a write that fails comes again, and is given up only after a stop', async () => {
  fail = true;
  const first = writer.add(1);
  await clock.advance(60);
  fail = false;
  await clock.advance(10_000);
  expect(await first).toBe(true);
  expect(written).toEqual([[1]]);

  fail = true;
  const [second, third] = [writer.add(2), writer.add(3)];
  stop.abort();
  await clock.advance(10_000);
  expect(await second).toBe(false);
  fail = false;
  // An ordered subscription must not have a later row while an earlier one is missing.
  expect(await third).toBe(false);
});
