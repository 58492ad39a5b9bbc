import { Router } from 'express';
import type { Kysely } from 'kysely';

interface Database {
  orders: { id: string; total: number };
}

declare const db: Kysely<Database>;
export const orders = Router();

orders.patch('/', async (req, res) => {
  await db.updateTable('orders').set(req.body).execute();
  res.sendStatus(204);
});
