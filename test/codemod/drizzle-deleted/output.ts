import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';
import { events } from './events/setup.js';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  await db.transaction(async (tx) => {
    const result = await tx.delete(ordersTable).where(eq(ordersTable.id, id));
    if (result.rowCount) {
      await events.emit(tx, 'order.deleted', { subject: id, data: { id } });
    }
  });
  res.sendStatus(204);
});
