import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

async function insertOrder(values: object, trx: Knex = knex) {
  const [order] = await trx('orders').insert(values).returning('*');
  return order;
}

orders.post('/', async (req, res) => {
  const order = await insertOrder(req.body);
  res.status(201).json(order);
});

export function importOrders(values: object[]): Promise<void> {
  return knex.transaction(async (trx) => {
    for (const one of values) await insertOrder(one, trx);
  });
}
