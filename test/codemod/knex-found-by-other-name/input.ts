import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.patch('/', async (req, res) => {
  const id = req.body.id;
  const orders = await knex('orders').update({ total: req.body.total }).where({ orderId: id }).returning('*');
  const order = orders[0];
  res.json({ order });
});
