import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutCredentials } from '../../src/kernel/credentials.ts';
import { normalise } from '../../src/kernel/normalise.ts';

const decimal = (digits: string) => ({ toFixed: () => digits, toString: () => 'not this' });

test.each<[string, unknown, unknown]>([
  ['a Date', new Date('2026-01-02T03:04:05.006Z'), '2026-01-02T03:04:05.006Z'],
  ['an invalid Date', new Date(Number.NaN), null],
  ['a small bigint', 42n, 42],
  ['the largest exact bigint', 9_007_199_254_740_991n, 9_007_199_254_740_991],
  ['a bigint beyond', 9_007_199_254_740_993n, '9007199254740993'],
  ['a Decimal with toJSON', { toJSON: () => '12.50', toFixed: () => '13' }, '12.50'],
  ['a Decimal without', decimal('0.00000001'), '0.00000001'],
  ['a Long of MongoDB', { _bsontype: 'Long', toString: () => '7' }, 7],
  [
    'a Decimal128 of MongoDB',
    { _bsontype: 'Decimal128', toString: () => '0.10', toJSON: () => ({}) },
    '0.10',
  ],
  [
    'an entity with toJSON',
    { toJSON: () => ({ at: new Date(0), n: 1n }) },
    { at: '1970-01-01T00:00:00.000Z', n: 1 },
  ],
  ['bytes', new Uint8Array([1, 2, 255]), 'AQL/'],
  ['a Buffer', Buffer.from('hi'), 'aGk='],
  ['a Map', new Map([['a', 1n]]), { a: 1 }],
  ['a Set', new Set([1n, 2n]), [1, 2]],
  [
    'a class instance',
    new (class Order {
      readonly id = 1n;
      ship(): void {}
    })(),
    { id: 1 },
  ],
  ['holes and functions in a list', [1, undefined, () => 1, Symbol('x')], [1, null, null, null]],
  ['undefined and functions in an object', { a: undefined, b: () => 1, c: null }, { c: null }],
])('%s', (_what, value, expected) => {
  expect(normalise(value)).toEqual(expected);
  expect(normalise({ deep: [value] })).toEqual({ deep: [expected] });
});

test('NaN and the infinities are left for the schema to refuse', () => {
  expect(normalise([Number.NaN, Infinity])).toEqual([Number.NaN, Infinity]);
});

test('an object that leads back to itself loses that reference, one that comes twice keeps both', () => {
  const customer = { name: 'Ann', orders: [] as unknown[] };
  const order = { id: 1, customer, billedTo: customer };
  customer.orders.push(order);
  expect(normalise(order)).toEqual({
    id: 1,
    customer: { name: 'Ann', orders: [null] },
    billedTo: { name: 'Ann', orders: [null] },
  });
});

test('whatever toJSON throws is thrown', () => {
  const error = new Error('not loaded');
  expect(() =>
    normalise({
      relation: {
        toJSON: () => {
          throw error;
        },
      },
    }),
  ).toThrow(error);
});

describe('properties', () => {
  test('JSON values stay what they are', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        // Written and read once: JSON has no negative zero.
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(normalise(plain)).toStrictEqual(plain);
      }),
    );
  });

  test('the result is a JSON value, and normalising it again changes nothing', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const once = normalise(value);
        expect(() => JSON.stringify(once)).not.toThrow();
        expect(normalise(once)).toEqual(once);
      }),
    );
  });

  test('no key can change the prototype of the result', () => {
    const data: unknown = JSON.parse('{"__proto__": {"isAdmin": true}, "id": 1}');
    expect(Object.getPrototypeOf(normalise(data))).toBe(Object.prototype);
    expect(Object.getPrototypeOf(withoutCredentials(normalise(data)))).toBe(Object.prototype);
  });
});

test('credentials are left out at every depth, by the usual spellings', () => {
  const data = {
    id: 1,
    password: 'x',
    passwordHash: 'x',
    PASSWORD_SALT: 'x',
    'api-key': 'x',
    apiKey: 'x',
    list: [{ refresh_token: 'x', name: 'Ann' }],
    nested: { clientSecret: 'x', total: 2 },
  };
  expect(withoutCredentials(data)).toEqual({ id: 1, list: [{ name: 'Ann' }], nested: { total: 2 } });
});
