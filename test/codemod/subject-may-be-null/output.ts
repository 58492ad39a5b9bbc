import { Router } from 'express';
import type { Knex } from 'knex';
import { events } from './events/setup.js';

declare const knex: Knex;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await knex.transaction(async (trx) => {
    const [order] = await trx('orders').insert(req.body).returning('*');
    await events.emit(trx, 'order.created', { subject: order.code, data: order });
    return order;
  });
  res.status(201).json(order);
});
