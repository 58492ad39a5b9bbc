import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

async function save(req, res) {
  const order = await withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    return order;
  });
  res.json(order);
}

orders.post('/', save);
orders.put('/:id', save);
