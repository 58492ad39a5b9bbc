import { Router } from 'express';
import type { Sql } from 'postgres';
import { events } from './events/setup.js';

declare const sql: Sql;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await sql.begin(async (tx) => {
    const [order] = await tx`insert into orders ${tx(req.body)} returning *`;
    await tx.savepoint(async (inner) => {
      await inner`insert into gifts (order_id) values (${order.id})`;
    });
    await events.emit(tx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
