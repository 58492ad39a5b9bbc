import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.post('/import', async (req, res) => {
  for (const total of req.body.totals) {
    await withTransaction(pool, async (client) => {
      const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [total]);
      return order;
    });
  }
  res.sendStatus(204);
});
