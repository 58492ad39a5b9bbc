import { Router } from 'express';
import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable } from 'drizzle-orm/pg-core';

declare const db: NodePgDatabase;
const orders = pgTable<{ id: string; total: number }>('orders');
export const router = Router();

async function orderBy(id: string) {
  const [order] = await db.select().from(orders).where(eq(orders.id, id));
  return order;
}

async function change(id: string, total: number) {
  await db.update(orders).set({ total }).where(eq(orders.id, id));
  return orderBy(id);
}

router.put('/:id', async (req, res) => {
  const order = await change(req.params.id!, req.body.total);
  res.json(order);
});

router.post('/:id/pay', async (req, res) => {
  const order = await change(req.params.id!, 0);
  res.json(order);
});
