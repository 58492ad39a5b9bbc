import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

import { closeOrder } from './input-service.js';

export const orders = Router();

orders.post('/:id/close', async (req, res) => {
  res.json(await closeOrder(req.params.id));
});
