import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

export async function placeOrder(total: number) {
  const rows = await db.insert(ordersTable).values({ total }).returning();
  return rows[0];
}
