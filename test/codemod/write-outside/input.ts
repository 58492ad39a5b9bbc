import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

async function recordVisit(userId: string) {
  return withTransaction(pool, async (client) => {
    const { rows: [visit] } = await client.query('insert into visits (user_id) values ($1) returning *', [userId]);
    return visit;
  });
}

export const orders = Router();

orders.post('/', async (req, res) => {
  await recordVisit(req.body.userId);
  const { rows: [order] } = await pool.query('insert into orders (total) values ($1) returning *', [req.body.total]);
  res.status(201).json(order);
});
