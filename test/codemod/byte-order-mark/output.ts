import { Router } from 'express';
import { pool } from './pool.js';
import { events } from './events/setup.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  await client.query('BEGIN');
  const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
  await events.emit(client, 'order.created', { subject: order.id, data: order });
  await client.query('COMMIT');
  client.release();
  res.json(order);
});
