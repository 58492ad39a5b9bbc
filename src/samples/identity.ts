import { drawAt, type Place } from './draw.ts';

/** A resource that events tell of: the second item of an order, say. */
export interface Entity {
  /** `order`, `shipping_address` */
  readonly resource: string;
  /** Which one of its kind, `0` for the first. */
  readonly ordinal: string;
}

/** The number by which a resource is known. Two runs share none. */
export function identityNumber({ resource, ordinal }: Entity, seed: Place, run: number): number {
  const start = drawAt([...seed, resource]).between(1_000, 9_999);
  // The first has the number of the run; those in lists follow in the gap up to the next run.
  const within = ordinal === '0' ? 0 : 1 + drawAt([...seed, resource, ordinal]).between(0, IDS_PER_RUN - 2);
  return start + run * IDS_PER_RUN + within;
}

const IDS_PER_RUN = 64;

/** The text by which a resource is known, in the forms that are in use: the schema takes one of them. */
export function identityTexts(entity: Entity, seed: Place, run: number): string[] {
  const { resource, ordinal } = entity;
  const place = drawAt([...seed, run, 'id', resource, ordinal]);
  const hex = place.hex(64);
  const short = BigInt(`0x${hex.slice(0, 16)}`)
    .toString(36)
    .padStart(13, '0')
    .slice(-10);
  return [
    `${resource}_${short}`,
    uuidOf(hex),
    hex.slice(0, 24),
    short,
    String(identityNumber(entity, seed, run)),
    // Crockford's base 32, as a ULID has it.
    `01${short
      .toUpperCase()
      .replaceAll(/[ILOU]/g, '7')
      .padEnd(24, '0')}`,
  ];
}

/** RFC 9562, section 5.4: version and variant stand at fixed places, all else is free. */
export function uuidOf(hex: string): string {
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The resource that `orderId` or `order_id` points to; undefined for names that point nowhere. */
export function referencedResource(words: readonly string[]): string | undefined {
  const isReference = words.length > 1 && /^(?:id|uuid|guid)$/.test(words.at(-1) ?? '');
  return isReference ? words.slice(0, -1).join('_') : undefined;
}

/** Whether a property of this name identifies the object that has it. */
export function isOwnId(words: readonly string[]): boolean {
  return words.length === 1 && /^(?:id|uuid|guid)$/.test(words[0] ?? '');
}
