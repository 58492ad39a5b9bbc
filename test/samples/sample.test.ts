import { assert, constantFrom, dictionary, integer, letrec, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validatorFor } from '../../src/generate/validator.ts';
import { sampleOf, type Json, type SampleOptions } from '../../src/samples/sample.ts';
import type { JsonSchema } from '../../src/scan/report.ts';

const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer' };
const number: JsonSchema = { type: 'number' };
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: 'object', properties });

function make(
  properties: Record<string, JsonSchema>,
  options: Partial<SampleOptions> = {},
): Record<string, Json> {
  const all = { file: 'f', eventType: 'order.shipped', ...options };
  return sampleOf(object(properties), all) as Record<string, Json>;
}

describe('a sample', () => {
  it('goes by the names of properties, and those of one object agree', () => {
    const sample = make(
      {
        email: text,
        firstName: text,
        last_name: text,
        phone: text,
        websiteUrl: text,
        currency: text,
        countryCode: text,
        status: text,
        createdAt: text,
        shipped_at: text,
        unitPrice: number,
        totalCents: whole,
        quantity: whole,
        note: text,
        isDeleted: { type: 'boolean' },
        isPaid: { type: 'boolean' },
        carrier: text,
        orderNumber: text,
        total: text,
      },
      { seed: 4 },
    );
    const name = `${String(sample['firstName'])}.${String(sample['last_name'])}`.toLowerCase();
    expect(sample).toMatchObject({
      email: `${name}@example.com`,
      phone: expect.stringMatching(/^\+1 202-555-01\d\d$/),
      websiteUrl: expect.stringMatching(/^https:\/\/example\.com\/orders\/\d+$/),
      currency: expect.stringMatching(/^[A-Z]{3}$/),
      countryCode: expect.stringMatching(/^[A-Z]{2}$/),
      status: 'shipped',
      createdAt: expect.stringMatching(/^2026-01-02T0[23]:\d\d:\d\d\.000Z$/),
      shipped_at: '2026-01-02T03:04:05.000Z',
      isDeleted: false,
      isPaid: true,
      carrier: expect.stringMatching(/^carrier \d+$/),
      orderNumber: expect.stringMatching(/^O-\d{5}$/),
      total: expect.stringMatching(/^\d+\.\d\d$/),
    });
    expect(sample['unitPrice']).toBeGreaterThan(4.99);
    expect(Number(sample['totalCents']) % 10).toBe(0);
    expect(sample['quantity']).toBeLessThan(6);
  });

  it.each([
    ['date-time', /^2026-01-02T/],
    ['date', /^2026-01-02$/],
    ['time', /^03:04:05\.000Z$/],
    ['duration', /^P\d+D$/],
    ['email', /^[a-z]+\.[a-z]+@example\.com$/],
    ['uri', /^https:\/\/example\.com\//],
    ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['hostname', /^[a-z.]+$/],
    ['ipv4', /^192\.0\.2\.\d+$/],
    ['ipv6', /^2001:db8::\d+$/],
  ])('has the format %s', (format, pattern) => {
    expect(make({ value: { type: 'string', format } })['value']).toMatch(pattern);
  });

  it('is what the event says has happened, and nothing of what is to come', () => {
    const status: JsonSchema = { type: 'string', enum: ['OPEN', 'SHIPPED', 'CANCELLED'] };
    const time: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
    const customer = object({ status: { type: 'string' }, deletedAt: time });
    const sample = make({ status, shippedAt: time, cancelledAt: time, updatedAt: time, customer });
    expect(sample).toMatchObject({
      status: 'SHIPPED',
      shippedAt: '2026-01-02T03:04:05.000Z',
      cancelledAt: null,
      updatedAt: '2026-01-02T03:04:05.000Z',
      customer: { status: 'active', deletedAt: null },
    });
  });

  it('keeps to lengths, bounds and patterns that its names would break', () => {
    const sample = make({
      email: { type: 'string', maxLength: 5 },
      country: { type: 'string', minLength: 3 },
      currency: { type: 'string', pattern: '^[a-z]{3}$' },
      plate: { type: 'string', pattern: '^[A-Z]{2}-\\d{3,4}$', maxLength: 6 },
      quantity: { type: 'integer', minimum: 10, maximum: 12 },
      discount: { type: 'number', minimum: 0, maximum: 1 },
      depth: { type: 'integer', maximum: -3 },
      id: { type: 'string', pattern: '^[0-9a-f]{24}$' },
    });
    expect(String(sample['email'])).toHaveLength(5);
    expect(String(sample['country']).length).toBeGreaterThan(2);
    expect(sample['currency']).toMatch(/^(?:eur|usd|gbp)$/);
    expect(sample['plate']).toMatch(/^[A-Z]{2}-\d{3}$/);
    expect([10, 11, 12]).toContain(sample['quantity']);
    expect(sample['discount']).toBeLessThanOrEqual(1);
    expect(sample['depth']).toBe(-3);
    expect(sample['id']).toMatch(/^[0-9a-f]{24}$/);
  });

  it('has the ids of what it is about, of what it points to and of what it holds', () => {
    const line = object({ id: text, productId: text, order_id: text, product: object({ id: text }) });
    const order = make({
      id: text,
      customer: object({ id: text }),
      items: { type: 'array', items: line, minItems: 2 },
    });
    const payment = make(
      { id: text, orderId: text, customer_id: text, item_ids: { type: 'array', items: text, minItems: 2 } },
      { eventType: 'payment.captured' },
    );
    const [first, second] = order['items'] as unknown as Record<string, Json>[];
    expect(order['id']).toMatch(/^order_[0-9a-z]{10}$/);
    expect(payment).toMatchObject({
      orderId: order['id'],
      customer_id: (order['customer'] as { id: string }).id,
      item_ids: [first?.['id'], second?.['id']],
    });
    expect(payment['id']).not.toBe(order['id']);
    expect(first).toMatchObject({
      order_id: order['id'],
      productId: (first?.['product'] as { id: string } | undefined)?.id,
    });
    expect(second?.['productId']).not.toBe(first?.['productId']);
    expect(second?.['order_id']).toBe(order['id']);
  });

  it('tells the same of a resource in all events of a run', () => {
    const customer = { id: whole, email: text, name: text };
    const created = make(customer, { eventType: 'customer.created', seed: 9, run: 3 });
    const ordered = make({ customer: object(customer), total: number }, { seed: 9, run: 3 });
    expect(ordered['customer']).toEqual(created);
    const paid = make({ total: number }, { eventType: 'order.paid', seed: 9, run: 3 });
    expect(paid['total']).toBe(ordered['total']);
  });

  it('differs by seed, run and occurrence, of which the last is the resource itself', () => {
    const properties = { id: whole, email: text, customerId: whole };
    const ids = (options: Partial<SampleOptions>) => {
      const { id, customerId } = make(properties, options);
      return { id, customerId };
    };
    expect(ids({ seed: 1 })).toEqual(ids({ seed: 1 }));
    expect(ids({ seed: 2 })).not.toEqual(ids({ seed: 1 }));
    const [zero, one, again] = [ids({ run: 0 }), ids({ run: 1 }), ids({ occurrence: 1 })];
    expect([one.id === zero.id, one.customerId === zero.customerId]).toEqual([false, false]);
    expect([again.id === zero.id, again.customerId === zero.customerId]).toEqual([false, true]);
    const numbers = Array.from({ length: 500 }, (_, run) => ids({ run }).id);
    expect(new Set(numbers).size).toBe(500);
  });

  it('keeps its other values when a property is added', () => {
    const before = make({ total: number, items: { type: 'array', items: object({ sku: text }) } });
    const after = make({ note: text, total: number, items: { type: 'array', items: object({ sku: text }) } });
    expect(after).toMatchObject(before);
  });

  it('takes examples and defaults as they are', () => {
    const sample = make({ a: { type: 'string', examples: ['x', 'y'] }, b: { type: 'integer', default: 7 } });
    expect(sample).toEqual({ a: 'x', b: 7 });
  });
});

const name = constantFrom(
  'id',
  'order_id',
  'email',
  'createdAt',
  'total',
  'status',
  'tags',
  'note',
  'url',
  'x',
);
const { schema } = letrec<{ schema: JsonSchema; object: JsonSchema }>((tie) => ({
  schema: oneof(
    { depthSize: 'small', withCrossShrink: true },
    record({
      minLength: integer({ min: 0, max: 8 }),
      extra: integer({ min: 0, max: 30 }),
      format: constantFrom('unheard-of', 'slug'),
    }).map(({ minLength, extra, format }) => ({
      type: 'string' as const,
      minLength,
      maxLength: minLength + extra,
      format,
    })),
    constantFrom('date-time', 'date', 'email', 'uri', 'uuid').map((format) => ({
      type: 'string' as const,
      format,
    })),
    constantFrom('^[A-Z]{2,5}$', '^\\d+$', '^[\\w.]+@[a-z]+\\.com$', '^(?:a|b)c*$', 'z').map((pattern) => ({
      type: 'string' as const,
      pattern,
    })),
    record({ minimum: integer({ min: -50, max: 50 }), extra: integer({ min: 0, max: 9 }) }).chain(
      ({ minimum, extra }) =>
        constantFrom('integer' as const, 'number' as const).map((type) => ({
          type,
          minimum,
          maximum: minimum + extra,
        })),
    ),
    constantFrom<JsonSchema>(
      { type: 'boolean' },
      { type: ['string', 'null'] },
      { enum: ['a', 1, null] },
      { const: 'c' },
      { anyOf: [{ type: 'null' }, { $ref: '#' }] },
    ),
    record({
      items: tie('schema'),
      minItems: integer({ min: 0, max: 3 }),
      extra: integer({ min: 0, max: 2 }),
    }).map(({ items, minItems, extra }) => ({
      type: 'array' as const,
      items,
      minItems,
      maxItems: minItems + extra,
    })),
    tie('object'),
  ),
  object: dictionary(name, tie('schema'), { maxKeys: 4 }).map((properties) => ({
    type: 'object' as const,
    properties,
    required: Object.keys(properties),
  })),
}));

it('is accepted by its schema, whatever that is', () => {
  const root = dictionary(name, schema, { maxKeys: 5 }).map((properties) => object(properties));
  assert(
    property(root, nat(), (generated, seed) => {
      const sample = sampleOf(generated, { file: 'f', eventType: 'order.placed', seed });
      expect(validatorFor(generated, 'f').parse(sample)).toEqual(sample);
    }),
    { numRuns: 150 },
  );
});
