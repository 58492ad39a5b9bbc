import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

declare const db: NodePgDatabase;
const ordersTable = pgTable<{ id: string; total: number }>('orders');
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  await db.delete(ordersTable).where(eq(ordersTable.id, id));
  res.sendStatus(204);
});
