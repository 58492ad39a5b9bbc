import { Router } from 'express';
import { pool } from './pool.js';
import { events } from './events/setup.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    const { rows: [invoice] } = await client.query('insert into order_copies (order_id) values ($1) returning *', [order.id]);
    await events.emit(client, 'order.created', { subject: order.id, data: order });
    await client.query('COMMIT');
    return res.status(201).json(order);
  } catch (error) {
    await client.query('ROLLBACK');
    return res.status(500).json({ error: 'failed' });
  } finally {
    client.release();
  }
});
