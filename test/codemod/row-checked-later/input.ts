import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const { rows } = await client.query('update orders set note = $2 where id = $1 returning *', [req.params.id, req.body.note]);
    return rows[0];
  });
  if (!order) return res.sendStatus(404);
  res.json(order);
});
