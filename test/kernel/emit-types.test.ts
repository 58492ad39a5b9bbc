import { expect, test } from 'vitest';
import type { Emitter } from '../../src/kernel/emit.ts';

interface Inputs {
  'order.created': {
    id: string;
    total: number;
    status: 'open' | 'paid';
    placedAt: string;
    note?: string | null;
    lines: { sku: string; quantity: number }[];
  };
  'order.deleted': { id: string };
}
interface Transaction {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Checked by the compiler (`npm run types`); never run. */
export async function check(events: Emitter<Inputs, Transaction>, tx: Transaction): Promise<void> {
  const order = { id: 'ord_1', total: 1, status: 'open' as const, placedAt: '2026', lines: [] };
  await events.emit(tx, 'order.created', { data: order });

  // What ORMs return where the schema says text or number.
  const entity = {
    ...order,
    placedAt: new Date(),
    total: 1n,
    lines: [{ sku: 'a', quantity: 1n }],
    secret: 'x',
  };
  const { eventId } = await events.emit(tx, 'order.created', { data: entity, subject: 7 });
  const text: string = eventId;
  await events.emit(tx, 'order.deleted', { data: { id: { toJSON: () => 'an ObjectId' } }, eventId: text });

  // @ts-expect-error an event type that is not in the catalog
  await events.emit(tx, 'order.creatd', { data: order });
  // @ts-expect-error a property is missing
  await events.emit(tx, 'order.created', { data: { id: 'ord_1' } });
  // @ts-expect-error the data of another event type
  await events.emit(tx, 'order.created', { data: { id: 'ord_1' }, subject: 'ord_1' });
  // @ts-expect-error text where a number belongs
  await events.emit(tx, 'order.created', { data: { ...order, total: '1' } });
  // @ts-expect-error a value that the enumeration does not have
  await events.emit(tx, 'order.created', { data: { ...order, status: 'lost' } });
  // @ts-expect-error a Date where one of a few words belongs
  await events.emit(tx, 'order.created', { data: { ...order, status: new Date() } });
  // @ts-expect-error wrong in the depth
  await events.emit(tx, 'order.created', { data: { ...order, lines: [{ sku: 'a' }] } });
  // @ts-expect-error a property that the schema does not declare, written out
  await events.emit(tx, 'order.deleted', { data: { id: 'ord_1', secret: 'x' } });
  // @ts-expect-error no transaction
  await events.emit({}, 'order.deleted', { data: { id: 'ord_1' } });
  // @ts-expect-error no data
  await events.emit(tx, 'order.deleted', {});
}

test('emit is typed by the catalog', () => {
  expect(check).toBeTypeOf('function');
});
