import { Router } from 'express';
import type { Kysely } from 'kysely';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

orders.post('/', async (req, res) => {
  const result = await db.transaction().execute(async (trx) => {
    if (req.body.total === 0) return null;
    const order = await trx.insertInto('orders').values(req.body).returningAll().executeTakeFirstOrThrow();
    return order;
  });
  res.status(201).json(result);
});
