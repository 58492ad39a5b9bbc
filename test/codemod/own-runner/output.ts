import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

import type { PoolClient } from 'pg';
import { events } from './events/setup.js';

const inTransaction = <T>(work: (client: PoolClient) => Promise<T>) => withTransaction(pool, work);

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await inTransaction(async (trx) => {
    const { rows: [order] } = await trx.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await events.emit(trx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.json(order);
});
