import { Router } from 'express';
import type { Sql } from 'postgres';
import { events } from './events/setup.js';

declare const sql: Sql;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await sql.begin(async (sql) => {
    const [order] = await sql<{ id: string }[]>`
    insert into orders ${sql(req.body)}
    returning *
  `;
    await events.emit(sql, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
