import { Router } from 'express';
import { pool } from './pool.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  await client.query('BEGIN');
  const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
  if (order.total > 0) {
    await client.query('COMMIT');
  } else {
    await client.query('ROLLBACK');
  }
  res.json(order);
});
