import { Router } from 'express';
import { pool } from './pool.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    if (req.body.isGift) {
      await client.query('COMMIT');
      return res.json(order);
    }
    await client.query('insert into invoices (order_id) values ($1)', [order.id]);
    await client.query('COMMIT');
    res.json(order);
  } finally {
    client.release();
  }
});
