import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

export async function placeOrder(total: number) {
  return db.transaction(async (tx) => {
    const rows = await tx.insert(ordersTable).values({ total }).returning();
    await events.emit(tx, 'order.created', { subject: rows[0].id, data: rows[0] });
    return rows[0];
  });
}
