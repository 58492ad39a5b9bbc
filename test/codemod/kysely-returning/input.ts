import { Router } from 'express';
import type { Kysely } from 'kysely';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await db.insertInto('orders').values(req.body).returningAll().executeTakeFirstOrThrow();
  res.status(201).json(order);
});
