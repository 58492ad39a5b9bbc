import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.post('/', async (req, res) => {
  let [order] = await knex('orders').insert(req.body).returning('*');
  // MySQL returns no rows but the id.
  if (typeof order === 'number') {
    order = await knex('orders').where({ id: order }).first();
  }
  res.status(201).json(order);
});

orders.post('/import', async (req, res) => {
  const id = await knex.transaction(async (trx) => {
    const [order] = await trx('orders').insert(req.body).returning('*');
    const number = typeof order === 'number' ? order : order.id;
    await trx('order_items').insert({ order_id: number });
    return number;
  });
  res.status(201).json({ id });
});
