import { Router } from 'express';
import type { Sql } from 'postgres';

declare const sql: Sql;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await sql.begin(async () => {
    const [order] = await sql`insert into orders ${sql(req.body)} returning *`;
    return order;
  });
  res.status(201).json(order);
});
