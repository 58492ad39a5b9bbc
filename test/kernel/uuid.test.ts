import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createUuidv7 } from '../../src/kernel/uuid.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('every id is a UUID of version 7 with its time in front', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 2 }), (now) => {
      const id = createUuidv7(() => now)();
      expect(id).toMatch(UUID_V7);
      expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now);
    }),
  );
});

test('ids of one source only grow, whatever the clock does', () => {
  const steps = fc.array(
    fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: -3_600_000, max: 3_600_000 })),
    {
      minLength: 2,
      maxLength: 300,
    },
  );
  fc.assert(
    fc.property(steps, (jumps) => {
      let now = 1_767_323_045_000;
      const createId = createUuidv7(() => now);
      let previous = '';
      for (const jump of jumps) {
        now += jump;
        const id = createId();
        expect(id > previous).toBe(true);
        previous = id;
      }
    }),
  );
});

test('more ids in one millisecond than the counter has room for', () => {
  for (const bits of [0x00, 0xff]) {
    const createId = createUuidv7(
      () => 1_767_323_045_000,
      (bytes) => bytes.fill(bits),
    );
    const ids = Array.from({ length: 20_000 }, createId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every((id) => UUID_V7.test(id))).toBe(true);
  }
});

test('two sources do not collide', () => {
  const now = (): number => 1_767_323_045_000;
  const [left, right] = [createUuidv7(now), createUuidv7(now)];
  const ids = Array.from({ length: 5_000 }, () => [left(), right()]).flat();
  expect(new Set(ids).size).toBe(10_000);
});
