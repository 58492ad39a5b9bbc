import { Router } from 'express';
import type { Kysely } from 'kysely';
import { events } from './events/setup.js';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await db.transaction().execute(async (trx) => {
    const order = await trx.insertInto('orders').values(req.body).returningAll().executeTakeFirstOrThrow();
    await events.emit(trx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
