import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const inserted = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);

    return inserted.rows[0];
  });
  res.status(201).json(order);
});
