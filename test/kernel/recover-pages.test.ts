import { describe, expect, it } from 'vitest';
import { recoverSince } from '../../src/kernel/resend.ts';
import type { ResendStore } from '../../src/kernel/resend.ts';

/** A log in which every n-th event is to be recovered. */
function storeOf(reach: number, everyNth: number): ResendStore & { readonly ranges: [number, number][] } {
  const ranges: [number, number][] = [];
  return {
    ranges,
    resend: () => Promise.reject(new Error('not used')),
    positionBefore: () => Promise.reject(new Error('not used')),
    reach: () => Promise.resolve(reach),
    recover(_subscriptionId, after, upTo) {
      ranges.push([after, upTo]);
      return Promise.resolve(Math.floor(upTo / everyNth) - Math.floor(after / everyNth));
    },
  };
}

describe('a recovery of many events', () => {
  it('goes over them in short stretches, and ends where there are no more', async () => {
    const store = storeOf(12_000, 2_000);
    expect(await recoverSince(store, 'sub_1', { since: 1_000 })).toEqual({
      recovered: 6,
      nextSincePosition: undefined,
    });
    expect(store.ranges).toEqual([
      [1_000, 6_000],
      [6_000, 11_000],
      [11_000, 12_000],
    ]);
  });

  it.each([
    ['that match seldom', 1_000_000],
    ['that all match', 1],
  ])(
    'does a bounded part of those %s in one request, and says where the next begins',
    async (_, everyNth) => {
      const reach = 1_000_000;
      let since: number | undefined = 0;
      let total = 0;
      let requests = 0;
      while (since !== undefined) {
        const store = storeOf(reach, everyNth);
        const { recovered, nextSincePosition } = await recoverSince(store, 'sub_1', { since });
        expect(store.ranges.length).toBeLessThanOrEqual(20);
        expect(recovered).toBeLessThanOrEqual(15_000);
        total += recovered;
        requests += 1;
        since = nextSincePosition;
      }
      expect(total).toBe(reach / everyNth);
      expect(requests).toBeGreaterThan(5);
    },
  );

  it('has nothing to do beyond the reach', async () => {
    const store = storeOf(10, 1);
    expect(await recoverSince(store, 'sub_1', { since: 50 })).toEqual({
      recovered: 0,
      nextSincePosition: undefined,
    });
    expect(store.ranges).toEqual([]);
  });

  it('is refused when the subscription stops on the way', async () => {
    const stopped = { ...storeOf(10, 1), recover: () => Promise.resolve(undefined) };
    await expect(recoverSince(stopped, 'sub_1', { since: 0 })).rejects.toThrow(/not active/);
  });
});
