import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const [order] = await db
    .update(ordersTable)
    .set(req.body)
    .where(eq(ordersTable.id, req.params.id))
    .returning();
  if (!order) return res.sendStatus(404);
  return res.json(order);
});
