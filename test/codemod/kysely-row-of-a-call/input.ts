import { Router } from 'express';
import type { Kysely } from 'kysely';

interface Database {
  orders: { id: string; total: number };
  audits: { orderId: string };
}

declare const db: Kysely<Database>;
export const orders = Router();

async function insertOrder(values: Database['orders'], transaction?: Kysely<Database>) {
  const client = transaction ?? db;
  return client.insertInto('orders').values(values).returningAll().executeTakeFirstOrThrow();
}

async function create(values: Database['orders'], transaction?: Kysely<Database>) {
  return insertOrder({ ...values, total: values.total * 100 }, transaction);
}

orders.post('/', async (req, res) => {
  await db.transaction().execute(async (trx) => {
    const order = await create(req.body, trx);
    await trx.insertInto('audits').values({ orderId: order.id }).execute();
  });
  res.sendStatus(201);
});
