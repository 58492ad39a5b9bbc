import { Router } from 'express';
import { pool } from './pool.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await client.query('COMMIT');
    return res.status(201).json({ ref: order.order_ref });
  } finally {
    client.release();
  }
});
