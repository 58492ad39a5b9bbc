import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';
import { OrderRepository } from './input-repository.js';

const repository = new OrderRepository();

export const orders = Router();

orders.post('/:id/close', async (req, res) => {
  const order = await withTransaction(pool, (client) => repository.close(client, req.params.id));
  res.json(order);
});
