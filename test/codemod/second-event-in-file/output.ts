import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

import { events as domainEvents } from './events/setup.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await domainEvents.emit(client, 'order.created', { subject: String(order.id), data: order });
    return order;
  });
  res.status(201).json(order);
});

orders.delete('/:id', async ({ params }, res) => {
  await withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query('delete from orders where id = $1 returning *', [params.id]);
    if (!order) throw new Error('not found');
    await domainEvents.emit(client, 'order.deleted', { subject: order.id, data: order });
  });
  res.sendStatus(204);
});
