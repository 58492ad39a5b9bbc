import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

import { insertOrder } from './input-repository.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await withTransaction(pool, (client) => insertOrder(client, req.body.total));
  res.status(201).json(order);
});
