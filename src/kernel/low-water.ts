/**
 * Up to where a reader is done, when it works on many events at once and they end in any order: everything up to
 * the low-water mark is settled, and only that may become the cursor.
 */
export interface LowWater {
  /** The event at `position`, greater than all before, has that many parts to settle. */
  open(position: number, parts: number): void;
  /** One part of it is settled. */
  settle(position: number): void;
  mark(): number;
}

export function createLowWater(start: number): LowWater {
  // In the order of insertion, which is that of the positions.
  const unsettled = new Map<number, number>();
  let newest = start;

  return {
    open(position, parts): void {
      newest = position;
      if (parts > 0) unsettled.set(position, parts);
    },

    settle(position): void {
      const parts = unsettled.get(position) ?? 0;
      if (parts > 1) unsettled.set(position, parts - 1);
      else unsettled.delete(position);
    },

    mark(): number {
      const oldest = unsettled.keys().next();
      return oldest.done === true ? newest : oldest.value - 1;
    },
  };
}
