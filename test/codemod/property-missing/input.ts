import { Router } from 'express';
import { pool } from './pool.js';

interface OrderRow {
  id: number;
  total: number;
}

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query<OrderRow>('insert into orders (total) values ($1) returning *', [req.body.total]);
    const items = await client.query('select * from order_items where order_id = $1', [order.id]);
    await client.query('COMMIT');
    res.json({ ...order, items: items.rows });
  } finally {
    client.release();
  }
});
