import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';
import { events } from './events/setup.js';

export const orders = Router();

orders.delete('/:id', async (req, res) => {
  await withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query('delete from orders where id = $1 returning *', [req.params.id]);
    if (!order) throw new Error('not found');
    await client.query('insert into audit (order_id) values ($1)', [order.id]); // for the books
    await events.emit(client, 'order.deleted', { subject: order.id, data: order });
  });
  res.sendStatus(204);
});
