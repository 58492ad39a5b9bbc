import { Router } from 'express';
import type { Kysely } from 'kysely';
import { events } from './events/setup.js';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

orders.post('/', async (req, res) => {
  const trx = await db.startTransaction().execute();
  const order = await trx.insertInto('orders').values(req.body).returningAll().executeTakeFirstOrThrow();
  await events.emit(trx, 'order.created', { subject: order.id, data: order });
  await trx.commit().execute();
  res.status(201).json(order);
});
