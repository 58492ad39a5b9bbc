import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    if (req.body.isGift) return order;
    await client.query('insert into invoices (order_id) values ($1)', [order.id]);
    return order;
  });
  res.status(201).json(order);
});
