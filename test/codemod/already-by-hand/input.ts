import { Router } from 'express';
import { pool } from './pool.js';

import { outbox } from './outbox.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await outbox.emit(client, "order.created", { data: order });
    await client.query('COMMIT');
    res.json(order);
  } finally {
    client.release();
  }
});
