import { Router } from 'express';
import type { Knex } from 'knex';
import { events } from './events/setup.js';

declare const knex: Knex;
export const orders = Router();

async function insertOrder(values: object, trx: Knex = knex) {
  const [order] = await trx('orders').insert(values).returning('*');
  return order;
}

orders.post('/', async (req, res) => {
  const order = await knex.transaction(async (trx) => {
    const order = await insertOrder(req.body, trx);
    await events.emit(trx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});

export function importOrders(values: object[]): Promise<void> {
  return knex.transaction(async (trx) => {
    for (const one of values) await insertOrder(one, trx);
  });
}
