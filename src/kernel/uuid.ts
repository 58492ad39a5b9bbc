import { randomFillSync } from 'node:crypto';

export type IdSource = () => string;

/** Random bytes are drawn for this many ids at a time; one draw per id costs more than all the rest. */
const IDS_PER_DRAW = 128;
const BYTES_PER_ID = 10;
const COUNTER_MAX = 0xfff;
/** Where the counter starts in a new millisecond: its top bit is left free, so that it seldom runs over. */
const COUNTER_SEED_MASK = 0x7ff;

/**
 * Makes UUIDs of version 7: sortable by creation time, so that the index of event ids grows at its end.
 * Within one source they only grow, also while the clock stands still or is set back.
 *
 * @param now milliseconds since the epoch
 * @param fill overwrites the array with random bytes
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-6.2 (Fixed Bit-Length Dedicated Counter)
 */
export function createUuidv7(
  now: () => number = Date.now,
  fill: (bytes: Uint8Array) => void = (bytes) => void randomFillSync(bytes),
): IdSource {
  const random = new Uint8Array(IDS_PER_DRAW * BYTES_PER_ID);
  const view = new DataView(random.buffer);
  let used = random.length;
  let milliseconds = -1;
  let counter = 0;

  return () => {
    if (used === random.length) {
      fill(random);
      used = 0;
    }
    const offset = used;
    used += BYTES_PER_ID;

    const time = Math.floor(now());
    if (time > milliseconds) {
      milliseconds = time;
      counter = view.getUint16(offset) & COUNTER_SEED_MASK;
    } else if (counter < COUNTER_MAX) {
      counter += 1;
    } else {
      // Borrowed from the future (section 6.2, "Counter Rollover Handling").
      milliseconds += 1;
      counter = view.getUint16(offset) & COUNTER_SEED_MASK;
    }

    const timeHex = milliseconds.toString(16).padStart(12, '0');
    const counterHex = counter.toString(16).padStart(3, '0');
    const variant = ((view.getUint16(offset + 2) & 0x3fff) | 0x8000).toString(16);
    const tail =
      view
        .getUint16(offset + 4)
        .toString(16)
        .padStart(4, '0') +
      view
        .getUint32(offset + 6)
        .toString(16)
        .padStart(8, '0');
    return `${timeHex.slice(0, 8)}-${timeHex.slice(8)}-7${counterHex}-${variant}-${tail}`;
  };
}
