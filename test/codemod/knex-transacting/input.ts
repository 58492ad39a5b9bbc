import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await knex.transaction(async (trx) => {
    const [order] = await knex('orders').transacting(trx).insert(req.body).returning('*');
    return order;
  });
  res.status(201).json(order);
});
