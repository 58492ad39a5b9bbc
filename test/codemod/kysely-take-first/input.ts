import { Router } from 'express';
import type { Kysely } from 'kysely';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await db
    .updateTable('orders')
    .set(req.body)
    .where('id', '=', req.params.id)
    .returningAll()
    .executeTakeFirst();
  if (!order) return res.sendStatus(404);
  return res.json(order);
});
