import { Router } from 'express';
import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';
import { events } from './events/setup.js';

export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await withTransaction(pool, async (client) => {
    const { rows } = await client.query('update orders set note = $2 where id = $1 returning *', [req.params.id, req.body.note]);
    if (rows.length === 0) return null;
    await client.query('insert into audit (order_id) values ($1)', [req.params.id]);
    await events.emit(client, 'order.updated', { subject: rows[0].id, data: rows[0] });
    return rows[0];
  });
  if (!order) return res.sendStatus(404);
  res.json(order);
});
