import { createHash } from 'node:crypto';

/** Choices that look random. */
export interface Draw {
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** Up to 64 hexadecimal digits. */
  hex(length: number): string;
}

/** What the choices follow from; a number or text of one's own, and where they are made. */
export type Place = readonly (string | number)[];

/**
 * Choices that follow from a place alone: the same place gives the same ones, and what is drawn elsewhere changes none
 * of them. So a property more in a schema leaves all other values as they were.
 */
export function drawAt(place: Place): Draw {
  const digest = createHash('sha256').update(JSON.stringify(place)).digest();
  let offset = 0;

  function between(min: number, max: number): number {
    const number = digest.readUIntBE(offset, 6);
    offset = (offset + 6) % 24;
    return min + (number % (max - min + 1));
  }

  return {
    between,
    pick<Item>(items: readonly Item[]): Item {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
    hex: (length) => digest.toString('hex').slice(0, length),
  };
}
