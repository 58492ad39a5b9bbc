import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await db.transaction(async (tx) => {
    const [order] = await tx
      .update(ordersTable)
      .set(req.body)
      .where(eq(ordersTable.id, req.params.id))
      .returning();
    if (order) {
      await events.emit(tx, 'order.updated', { subject: order.id, data: order });
    }
    return order;
  });
  if (!order) return res.sendStatus(404);
  return res.json(order);
});
