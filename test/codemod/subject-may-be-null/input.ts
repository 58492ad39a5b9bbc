import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.post('/', async (req, res) => {
  const [order] = await knex('orders').insert(req.body).returning('*');
  res.status(201).json(order);
});
