import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js';
import { bigint, jsonb, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import postgres from 'postgres';
import { drizzleTarget } from '../../../src/stores/drizzle.ts';
import type { DrizzleTx } from '../../../src/stores/drizzle.ts';
import { DETAILS, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

export const orders = pgTable('orders', {
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedByDefaultAsIdentity(),
  number: text('number').notNull().unique(),
  total: numeric('total', { precision: 12, scale: 2 }).notNull(),
  note: text('note'),
  placedAt: timestamp('placed_at', { withTimezone: true }).notNull(),
  details: jsonb('details').notNull(),
});

export async function openDrizzle(shop: Shop): Promise<OpenedOrm> {
  const db = drizzle(shop.url);
  return opened(shop, db, () => db.$client.end());
}

export async function openDrizzlePostgresJs(shop: Shop): Promise<OpenedOrm> {
  // Named statements need to be known to whatever stands in between.
  const db = drizzlePostgresJs(postgres(shop.url, { prepare: false }));
  return opened(shop, db as never, () => db.$client.end());
}

type Database = ReturnType<typeof drizzle>;
type Tx = Parameters<Parameters<Database['transaction']>[0]>[0];

function opened(
  { emitterFor }: Shop,
  db: Omit<Database, '$client'>,
  close: () => Promise<unknown>,
): OpenedOrm {
  const { emit } = emitterFor<DrizzleTx>(drizzleTarget(sql));

  const scopeOf = (tx: Tx): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const [order] = await tx.insert(orders).values(values).returning();
      if (order === undefined) throw new Error('no row');
      return emit(tx, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(tx, 'order.created', event),
    nested: (run) => tx.transaction((inner) => run(scopeOf(inner))),
  });

  return {
    transaction: (run) => db.transaction((tx) => run(scopeOf(tx))),
    // @ts-expect-error a database is no transaction
    emitOutside: (event) => emit(db, 'order.created', event),
    close: async () => void (await close()),
  };
}
