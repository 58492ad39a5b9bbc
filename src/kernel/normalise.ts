/**
 * What may be given where the schema of an event says `T`: text may come as a Date, a Decimal, an ObjectId or
 * whatever else says in `toJSON` which text it is, and a number as a bigint.
 */
export type Emittable<T> = T extends string
  ? string extends T
    ? T | { toJSON(): string }
    : T
  : T extends number
    ? number extends T
      ? T | bigint
      : T
    : T extends readonly (infer Item)[]
      ? readonly Emittable<Item>[]
      : T extends object
        ? { [Key in keyof T]: Emittable<T[Key]> }
        : T;

/**
 * Turns what an ORM returns into plain JSON values, which is what schemas describe.
 *
 * - What has `toJSON` (Date, Decimal, ObjectId, entities of many ORMs) becomes what that returns.
 * - A bigint becomes a number while that is exact, else its decimal digits; so does the Long of MongoDB.
 * - Decimals without `toJSON` become their digits: a binary number would change amounts of money.
 * - Bytes become base64; a Map an object, a Set an array.
 * - A reference back to an enclosing object is left out: entities with relations both ways have them.
 * - NaN and the infinities stay, for the schema to refuse; JSON would silently make them null.
 *
 * @throws whatever a `toJSON` or a getter throws
 */
export function normalise(value: unknown): unknown {
  return normaliseWithin(value, []);
}

/** @param enclosing the objects around the value, outermost first; the same array all the way down */
function normaliseWithin(value: unknown, enclosing: object[]): unknown {
  if (typeof value === 'bigint') return exactNumber(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (enclosing.includes(value)) return undefined;
  enclosing.push(value);
  const normalised = normaliseObject(value, enclosing);
  enclosing.pop();
  return normalised;
}

function normaliseObject(value: object, enclosing: object[]): unknown {
  if (Array.isArray(value)) return normaliseItems(value, enclosing);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isBsonNumber(value)) return bsonNumber(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return normaliseWithin(value.toJSON(), enclosing);
  }
  if (isDecimal(value)) return value.toFixed();
  if (value instanceof Map) return normaliseEntries(value, enclosing);
  if (value instanceof Set) return normaliseItems([...value], enclosing);
  return normaliseEntries(Object.entries(value), enclosing);
}

/** As in JSON, what has no value becomes null here: an item that vanished would shift all that follow. */
function normaliseItems(items: readonly unknown[], enclosing: object[]): unknown[] {
  return Array.from(items, (item) => normaliseWithin(item, enclosing) ?? null);
}

function normaliseEntries(
  entries: Iterable<readonly [unknown, unknown]>,
  enclosing: object[],
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, entry] of entries) {
    const normalised = normaliseWithin(entry, enclosing);
    if (normalised !== undefined) setOwn(result, String(key), normalised);
  }
  return result;
}

/** Assigned, the key "__proto__" would change the object's prototype; anything slower is felt in every `emit`. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function exactNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function isBsonNumber(value: object): value is { readonly _bsontype: 'Long' | 'Decimal128' } {
  return '_bsontype' in value && (value._bsontype === 'Long' || value._bsontype === 'Decimal128');
}

function bsonNumber(value: { readonly _bsontype: 'Long' | 'Decimal128' }): number | string {
  const digits = String(value);
  return value._bsontype === 'Long' ? exactNumber(BigInt(digits)) : digits;
}

/** decimal.js, big.js and their kin: `toFixed()` gives all digits without an exponent. */
function isDecimal(value: object): value is { toFixed(): string } {
  return 'toFixed' in value && typeof value.toFixed === 'function';
}
