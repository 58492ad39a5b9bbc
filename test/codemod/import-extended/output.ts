import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

import {
  setup,
  worker,
  events,
} from './events/setup.js';

export const orders = Router();

setup(worker);

orders.post('/', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await events.emit(client, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
