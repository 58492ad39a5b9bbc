import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInsertIds } from '../../src/stores/postgres/insert-ids.ts';

describe('what a sequencer knows of the insert ids', () => {
  it('has a gap for every id that a look passed over, and none for what was stamped', () => {
    const looks = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 15 }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(looks, (found) => {
        const ids = createInsertIds(0, []);
        const stamped = new Set<number>();
        for (const look of found) {
          const fresh = look.filter((id) => stamped.has(id) === false).toSorted((a, b) => a - b);
          ids.stamped(fresh, true);
          for (const id of fresh) stamped.add(id);
        }
        const newest = Math.max(0, ...stamped);
        const missing = Array.from({ length: newest }, (_, index) => index + 1).filter(
          (id) => !stamped.has(id),
        );
        expect(ids.newest()).toBe(newest);
        expect(
          ids.gaps().flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n)),
        ).toEqual(missing);
        expect(ids.settled()).toBe(missing[0] === undefined ? newest : missing[0] - 1);
      }),
    );
  });

  it('keeps a gap while anybody writes who wrote when it was found', () => {
    const ids = createInsertIds(0, []);
    ids.stamped([1, 3], true);
    ids.observe(['3/10', '4/20']);
    ids.stamped([], true);
    ids.observe(['4/20', '5/1']);
    ids.stamped([], true);
    expect(ids.gaps()).toMatchObject([{ from: 2, to: 2 }]);
    ids.observe(['5/1', '3/11']);
    expect(ids.gaps()).toMatchObject([{ from: 2, to: 2 }]);
    ids.stamped([], true);
    expect(ids.gaps()).toEqual([]);
    expect(ids.settled()).toBe(3);
  });

  it('looks once more after the last of them has ended, and at all that was committed', () => {
    const ids = createInsertIds(0, []);
    ids.stamped([1, 4], true);
    ids.observe([]);
    ids.stamped([2], false);
    expect(ids.gaps()).toMatchObject([{ from: 3, to: 3 }]);
    ids.stamped([3], true);
    expect(ids.gaps()).toEqual([]);
  });

  it('does not take the writers of one gap for those of a later one', () => {
    const ids = createInsertIds(0, []);
    ids.stamped([2], true);
    ids.observe(['3/10']);
    ids.stamped([4], true);
    ids.observe(['4/20']);
    ids.stamped([], true);
    expect(ids.gaps()).toMatchObject([{ from: 3, to: 3 }]);
  });

  it('follows a transaction that is prepared under its new name', () => {
    const ids = createInsertIds(0, []);
    ids.stamped([2], true);
    ids.observe(['3/10']);
    ids.observe(['-1/777']);
    ids.stamped([], true);
    expect(ids.gaps()).toHaveLength(1);
    // Another one that is prepared cannot be it any more.
    ids.observe(['-1/778']);
    ids.stamped([], true);
    expect(ids.gaps()).toEqual([]);
  });
});
