import { Router } from 'express';
import type { Sql } from 'postgres';

declare const sql: Sql;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await sql.begin(async (tx) => {
    const [order] = await tx`insert into orders ${tx(req.body)} returning *`;
    await tx.savepoint(async (inner) => {
      await inner`insert into gifts (order_id) values (${order.id})`;
    });
    return order;
  });
  res.status(201).json(order);
});
