import { expect, test } from 'vitest';
import { normalise } from '../../src/kernel/normalise.ts';
import type { JsonSchema } from '../../src/scan/report.ts';
import { sampleOf } from '../../src/samples/sample.ts';
import { validatorFor } from '../../src/generate/validator.ts';
import { zodModule } from '../../src/generate/zod-source.ts';

const order: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'integer', minimum: 1 },
    total: { type: 'number', description: 'In euros */ not cents.' },
    reference: { type: 'string', minLength: 2, pattern: '^[A-Z]+-\\d+$', examples: ['AB-1'] },
    status: { type: 'string', enum: ['open', "it's"] },
    note: { type: ['string', 'null'] },
    placedAt: { type: 'string', format: 'date-time' },
    dueOn: { type: 'string', format: 'date' },
    'ship-to': { $ref: '#/definitions/address' },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } },
    attributes: { type: 'object', additionalProperties: { type: 'number' } },
    parent: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
  },
  required: ['id', 'total', 'status', 'placedAt'],
  definitions: {
    address: {
      type: 'object',
      properties: { city: { type: 'string' }, next: { $ref: '#/definitions/address' } },
    },
  },
};
const minimal = { id: 1, total: 2, status: 'open', placedAt: '2026-01-02T03:04:05Z' };
const parse = (data: unknown): unknown => validatorFor(order, 'order').parse(normalise(data));

test('what database clients return is taken, through the normalisation of emit', () => {
  const data = parse({
    id: 7n,
    total: '12.50',
    status: "it's",
    placedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
    dueOn: new Date(2026, 0, 2),
  });
  expect(data).toEqual({
    id: 7,
    total: 12.5,
    status: "it's",
    placedAt: '2026-01-02T03:04:05.006Z',
    dueOn: '2026-01-02',
  });
});

test.each([
  ['0', 0],
  ['-0.10', -0.1],
  ['007', 7],
  ['9007199254740992', 9007199254740992],
  ['0.30000000000000004', 0.30000000000000004],
])('the digits %s are the number %d', (digits, value) => {
  expect(parse({ ...minimal, total: digits })).toMatchObject({ total: value });
});

test.each(['9007199254740993', '0.1000000000000000055511151231257827', '1e3', '0x10', ' 1', '', '1.', '-'])(
  'the text %j is no number, or none that is exact',
  (text) => {
    expect(() => parse({ ...minimal, total: text })).toThrow('total');
  },
);

test('undeclared keys are stripped at every depth', () => {
  const data = validatorFor(order, 'order').parse({
    ...minimal,
    passwordHash: 'x',
    'ship-to': { city: 'Ghent', secret: 1, next: { city: 'Bruges', secret: 2 } },
    lines: [{ sku: 'a', cost: 1 }],
    parent: { ...minimal, passwordHash: 'x' },
    attributes: { weight: '1.5' },
  });
  expect(data).toEqual({
    ...minimal,
    'ship-to': { city: 'Ghent', next: { city: 'Bruges' } },
    lines: [{ sku: 'a' }],
    parent: minimal,
    attributes: { weight: 1.5 },
  });
});

test.each([
  ['a missing property', { total: undefined }],
  ['an integer with a fraction', { id: 1.5 }],
  ['an integer that a number cannot hold', { id: 2n ** 63n }],
  ['NaN', { total: Number.NaN }],
  ['a number for text', { note: 5 }],
  ['a value outside the enum', { status: 'shut' }],
  ['a value under the minimum', { id: 0 }],
  ['text against the pattern', { reference: 'ab-1' }],
  ['an invalid date', { placedAt: new Date(Number.NaN) }],
  ['a local date-time', { placedAt: '2026-01-02 03:04:05' }],
  ['an object for a list', { lines: {} }],
])('%s is invalid', (_, change) => {
  const result = validatorFor(order, 'order').safeParse({ ...minimal, ...change });
  expect(result.success).toBe(false);
  expect(result.error?.issues[0]?.path).toEqual([Object.keys(change)[0]]);
});

test('a union tries text before numbers, so digits stay text', () => {
  const validator = validatorFor({ type: ['number', 'string', 'null'] }, 'x');
  expect([validator.parse('12'), validator.parse(12), validator.parse(null)]).toEqual(['12', 12, null]);
});

test.each([[['date', 'date-time']], [['date-time', 'date']]])(
  'a union of %j takes no day for a time',
  (formats) => {
    const anyOf = formats.map((format) => ({ type: 'string', format }) as const);
    const validator = validatorFor({ anyOf }, 'order');
    for (const text of ['2026-01-02T03:04:05Z', '2026-01-02']) expect(validator.parse(text)).toBe(text);
  },
);

test.each([
  ['😀', true],
  ['😀😀', true],
  ['😀😀😀', false],
  ['', false],
])('%j has one or two characters: %j', (text, isValid) => {
  const validator = validatorFor({ type: 'string', minLength: 1, maxLength: 2 }, 'order');
  expect(validator.safeParse(text).success).toBe(isValid);
});

test('a tree of keys is a type that may refer to itself', () => {
  const tree: JsonSchema = { type: 'object', additionalProperties: { $ref: '#' } };
  // `type Tree = Record<string, Tree>` would be an error: TS2456.
  expect(zodModule(tree, 'Tree', 'tree.json').type).toBe('{ [key: string]: Tree }');
});

test('an explicit additionalProperties keeps undeclared keys', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    additionalProperties: true,
  };
  expect(validatorFor(schema, 'x').parse({ a: 'b', c: 1 })).toEqual({ a: 'b', c: 1 });
});

test('the sample of a schema is valid and stable', () => {
  const sample = sampleOf(order, { file: 'order', eventType: 'order.placed' });
  expect(validatorFor(order, 'order').parse(sample)).toEqual(sample);
  expect(sample).toMatchObject({
    reference: 'AB-1',
    lines: [{ sku: expect.stringMatching(/^SKU-\d+$/) }],
    'ship-to': { city: expect.any(String) },
  });
  expect(sampleOf(order, { file: 'order', eventType: 'order.placed' })).toEqual(sample);
});

test('what cannot be converted is named with file and path', () => {
  const fail = (schema: JsonSchema) => () => zodModule(schema, 'X', 'events/schemas/x.v1.json');
  expect(fail({ properties: { a: { $ref: '#/definitions/b' } } })).toThrow(
    'events/schemas/x.v1.json: #/properties/a/$ref: "#/definitions/b" does not exist',
  );
  expect(fail({ type: 'object', required: ['b'] })).toThrow('#/required: "b" is not among properties');
  expect(fail({ type: 'string', pattern: '(' })).toThrow('#/pattern: "(" is not a regular expression');
  expect(() => sampleOf({ type: 'string', pattern: '^(?=x)y$' }, { file: 'f', eventType: 'a.b' })).toThrow(
    'f: no sample',
  );
});

test('schema text cannot leave its literal', () => {
  const name = "'];globalThis.hacked=1;//";
  const schema: JsonSchema = {
    type: 'object',
    properties: { [name]: { type: 'string', const: "\\'+(globalThis.hacked=1)+'\n\u2028" } },
    required: [name],
  };
  const value = { [name]: "\\'+(globalThis.hacked=1)+'\n\u2028" };
  expect(validatorFor(schema, 'x').parse(value)).toEqual(value);
  expect('hacked' in globalThis).toBe(false);
});
