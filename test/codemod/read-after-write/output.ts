import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';
import { events } from './events/setup.js';

interface Order {
  id: number;
  status: string;
}

export const orders = Router();

orders.post('/:id/cancel', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    await client.query(`update orders set status = 'cancelled' where id = $1`, [req.params.id]);
    const { rows: [order] } = await client.query<Order>('select * from orders where id = $1', [req.params.id]);
    if (!order) throw new Error('not found');
    await events.emit(client, 'order.cancelled', { subject: order.id, data: order });
    return order;
  });
  res.json(order);
});
