import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const result = await withTransaction(pool, (client) => client.query('insert into orders (total) values ($1) returning *', [req.body.total]));
  res.status(201).json(result.rows[0]);
});
