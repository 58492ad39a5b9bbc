import { Router } from 'express';
import type { Kysely } from 'kysely';
import { events } from './events/setup.js';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

function clientOf(kysely: Kysely<Database>, transaction?: Kysely<Database>): Kysely<Database> {
  if (transaction) return transaction;
  return kysely;
}

async function insertOrder(values: Database['orders'], transaction?: Kysely<Database>) {
  const client = clientOf(db, transaction);
  return client.insertInto('orders').values(values).returningAll().executeTakeFirstOrThrow();
}

export async function copyOrder(values: Database['orders']) {
  return insertOrder({ ...values, total: 0 });
}

orders.post('/', async (req, res) => {
  const order = await db.transaction().execute(async (trx) => {
    const order = await insertOrder(req.body, trx);
    await events.emit(trx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
