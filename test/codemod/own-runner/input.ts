import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

import type { PoolClient } from 'pg';

const inTransaction = <T>(work: (client: PoolClient) => Promise<T>) => withTransaction(pool, work);

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await inTransaction(async (trx) => {
    const { rows: [order] } = await trx.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    return order;
  });
  res.json(order);
});
