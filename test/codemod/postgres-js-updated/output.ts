import { Router } from 'express';
import type { Sql } from 'postgres';
import { events } from './events/setup.js';

declare const sql: Sql;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await sql.begin(async (sql) => {
    const [order] = await sql`update orders set ${sql(req.body)} where id = ${req.params.id ?? ''} returning *`;
    if (order) {
      await events.emit(sql, 'order.updated', { subject: order.id, data: order });
    }
    return order;
  });
  if (!order) return res.sendStatus(404);
  return res.json(order);
});
