import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFilterPattern, matchesFilter } from '../../src/kernel/filter.ts';
import { nextDelayMs, parseRetryAfter, RETRY_SCHEDULE_SECONDS } from '../../src/kernel/retry.ts';
import {
  createSecretBox,
  parseEncryptionKey,
  plainSecretBox,
  SecretBoxError,
} from '../../src/kernel/secret-box.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

describe('the retry schedule', () => {
  const scheduleMs = RETRY_SCHEDULE_SECONDS.map((seconds) => seconds * 1000);
  const policy = { scheduleMs, random: () => 0.5 };
  const failed = { status: 500, retryAfter: undefined, nowMs: NOW };

  it('holds a date to the clock of the receiver, however wrong ours is', () => {
    const [date, retryAfter] = [NOW, NOW + 120_000].map((time) => new Date(time).toUTCString());
    for (const wrongBy of [-3_600_000, 0, 3_600_000]) {
      const attempt = { attemptCount: 1, status: 503, retryAfter, date, nowMs: NOW + wrongBy };
      expect(nextDelayMs(policy, attempt)).toBe(120_000);
    }
    const unreadable = { attemptCount: 1, status: 503, retryAfter, date: 'today', nowMs: NOW + 30_000 };
    expect(nextDelayMs(policy, unreadable)).toBe(90_000);
  });

  it('is 1 m, 5 m, 30 m, 2 h and 24 h, six attempts in all', () => {
    const delays = [1, 2, 3, 4, 5, 6].map((attemptCount) => nextDelayMs(policy, { ...failed, attemptCount }));
    expect(delays).toEqual([60_000, 300_000, 1_800_000, 7_200_000, 86_400_000, undefined]);
  });

  it('comes faster by the time scale, whatever asked for it', () => {
    const scaled = { ...policy, timeScale: 3600 };
    expect(nextDelayMs(scaled, { ...failed, attemptCount: 5 })).toBe(24_000);
    const patient = { ...failed, status: 429, retryAfter: '7200', attemptCount: 1 };
    expect(nextDelayMs(scaled, patient)).toBe(2_000);
  });

  it('varies by a tenth either way and never below what the receiver asked for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(429, 503, 500, 200, undefined),
        fc.integer({ min: 0, max: 1_000_000 }),
        (random, attemptCount, status, seconds) => {
          const attempt = { attemptCount, status, retryAfter: String(seconds), nowMs: NOW };
          const delay = nextDelayMs({ scheduleMs, random: () => random }, attempt) ?? 0;
          const base = scheduleMs[attemptCount - 1] ?? 0;
          const asked = status === 429 || status === 503 ? Math.min(seconds * 1000, 86_400_000) : 0;
          expect(delay).toBeGreaterThanOrEqual(Math.max(base * 0.9 - 1, asked));
          expect(delay).toBeLessThanOrEqual(Math.max(base * 1.1 + 1, asked));
        },
      ),
    );
  });

  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Friday, 02-Jan-26 03:05:05 GMT', 60_000],
    ['Fri Jan  2 03:05:05 2026', 60_000],
    ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-01-02', undefined],
    ['', undefined],
  ])('reads Retry-After %j', (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });
});

describe('filters', () => {
  it.each([
    [['*'], 'order.created', true],
    [['order.*'], 'order.created', true],
    [['order.*'], 'orders.created', false],
    [['order.*'], 'order', false],
    [['order.created'], 'order.created', true],
    [['order.created'], 'order.created_late', false],
    [['user.*', 'order.created'], 'order.created', true],
    [[], 'order.created', false],
  ])('%j and %s: %s', (filter, eventType, expected) => {
    expect(matchesFilter(filter, eventType)).toBe(expected);
  });

  it.each(['*', 'order.*', 'order.created', 'a.b.c', 'a_1.*'])('takes the pattern %s', (pattern) => {
    expect(isFilterPattern(pattern)).toBe(true);
  });

  it.each(['', 'order', '*.created', 'order.', 'Order.created', 'order.*.x', '**', 'a b.c', 'a.%'])(
    'refuses the pattern %j',
    (pattern) => expect(isFilterPattern(pattern)).toBe(false),
  );
});

describe('secrets at rest', () => {
  const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
  const box = createSecretBox([{ id: 'k1', key: key(1) }]);

  it('open with their key and for their owner only', () => {
    const sealed = box.seal('whsec_abc', 'sub_1');
    expect(sealed).not.toContain('whsec');
    expect(box.open(sealed, 'sub_1')).toBe('whsec_abc');
    expect(box.seal('whsec_abc', 'sub_1')).not.toBe(sealed);
    expect(() => box.open(sealed, 'sub_2')).toThrow(SecretBoxError);
    const sameId = createSecretBox([{ id: 'k1', key: key(2) }]);
    expect(() => sameId.open(sealed, 'sub_1')).toThrow(SecretBoxError);
    expect(() => plainSecretBox.open(sealed, 'sub_1')).toThrow(/no encryption key/);
    const [form, id, payload = ''] = sealed.split('.');
    const changed = `${form}.${id}.${payload.slice(0, -2)}${payload.endsWith('AA') ? 'BB' : 'AA'}`;
    expect(() => box.open(changed, 'sub_1')).toThrow(SecretBoxError);
    expect(() => box.open(`${form}.${id}.AAAA`, 'sub_1')).toThrow(SecretBoxError);
  });

  it('stay readable when the key is replaced or one is configured for the first time', () => {
    const old = box.seal('a', 'sub_1');
    const rotated = createSecretBox([
      { id: 'k2', key: key(2) },
      { id: 'k1', key: key(1) },
    ]);
    expect(rotated.open(old, 'sub_1')).toBe('a');
    expect(() => box.open(rotated.seal('b', 'sub_1'), 'sub_1')).toThrow(/unknown key "k2"/);
    expect(box.open(plainSecretBox.seal('c', 'sub_1'), 'sub_1')).toBe('c');
  });

  it('take keys of 32 bytes in base64 or hex', () => {
    expect(parseEncryptionKey(Buffer.from(key(7)).toString('base64'))).toEqual(Buffer.from(key(7)));
    expect(parseEncryptionKey('07'.repeat(32))).toEqual(Buffer.from(key(7)));
    expect(() => parseEncryptionKey('short')).toThrow(SecretBoxError);
    expect(() => createSecretBox([])).toThrow(SecretBoxError);
    expect(() => createSecretBox([{ id: 'k', key: new Uint8Array(16) }])).toThrow(/16 bytes/);
    expect(() => createSecretBox([{ id: 'a.b', key: key(1) }])).toThrow(/no key id/);
    const twice = [1, 2].map((fill) => ({ id: 'k', key: key(fill) }));
    expect(() => createSecretBox(twice)).toThrow(/twice/);
  });
});
