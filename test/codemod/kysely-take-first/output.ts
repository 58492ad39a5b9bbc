import { Router } from 'express';
import type { Kysely } from 'kysely';
import { events } from './events/setup.js';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await db.transaction().execute(async (trx) => {
    const order = await trx
      .updateTable('orders')
      .set(req.body)
      .where('id', '=', req.params.id)
      .returningAll()
      .executeTakeFirst();
    if (order) {
      await events.emit(trx, 'order.updated', { subject: order.id, data: order });
    }
    return order;
  });
  if (!order) return res.sendStatus(404);
  return res.json(order);
});
