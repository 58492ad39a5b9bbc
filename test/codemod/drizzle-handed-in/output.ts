import { Router } from 'express';
import { sql } from 'drizzle-orm';
import type { NodePgDatabase, Transaction } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

export async function placeOrder(tx: Transaction, total: number) {
  const [order] = await tx.insert(ordersTable).values({ total }).returning();
  await events.emit(tx, 'order.created', { subject: order.id, data: order });
  await tx.execute(sql`select 1`);
}
