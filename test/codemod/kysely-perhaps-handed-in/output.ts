import { Router } from 'express';
import type { Kysely } from 'kysely';
import { events } from './events/setup.js';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

async function insertOrder(values: Database['orders'], transaction?: Kysely<Database>) {
  const client = transaction ?? db;
  return client.insertInto('orders').values(values).returningAll().executeTakeFirstOrThrow();
}

orders.post('/', async (req, res) => {
  res.status(201).json(await db.transaction().execute(async (trx) => {
    const order = await insertOrder(req.body, trx);
    await events.emit(trx, 'order.created', { subject: order.id, data: order });
    return order;
  }));
});
