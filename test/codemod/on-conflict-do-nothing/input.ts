import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.put('/:ref', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const { rows } = await client.query(
      'insert into orders (ref) values ($1) on conflict (ref) do nothing returning *',
      [req.params.ref],
    );
    return rows[0];
  });
  res.json(order);
});
