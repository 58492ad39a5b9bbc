import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

async function updateOrder(id: string, values: { total: number }) {
  return db.transaction(async (tx) => {
    const [order] = await tx.update(ordersTable).set(values).where(eq(ordersTable.id, id)).returning();
    if (!order) {
      throw new Error('there is no such order');
    }
    await events.emit(tx, 'order.updated', { subject: order.id, data: order });

    return order;
  });
}

orders.put('/:id', async (req, res) => {
  res.json(await updateOrder(String(req.params.id), req.body));
});
