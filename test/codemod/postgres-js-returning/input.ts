import { Router } from 'express';
import type { Sql } from 'postgres';

declare const sql: Sql;
export const orders = Router();

orders.post('/', async (req, res) => {
  const [order] = await sql<{ id: string }[]>`
    insert into orders ${sql(req.body)}
    returning *
  `;
  res.status(201).json(order);
});
