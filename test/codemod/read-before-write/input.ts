import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export const orders = Router();

orders.post('/:id/cancel', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query('select * from orders where id = $1 for update', [req.params.id]);
    if (!order) throw new Error('not found');
    await client.query(`update orders set status = 'cancelled' where id = $1`, [order.id]);
    return order;
  });
  res.json(order);
});
