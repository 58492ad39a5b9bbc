import { Router } from 'express';
import { pool } from './pool.js';

import events from 'node:events';
import { events as domainEvents } from './events/setup.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await domainEvents.emit(client, 'order.created', { subject: order.id, data: order });
    await client.query('COMMIT');
    events.once(res, 'finish');
    res.json(order);
  } finally {
    client.release();
  }
});
