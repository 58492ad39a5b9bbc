import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.post('/', async (req, res) => {
  const trx = await knex.transaction();
  try {
    const [order] = await trx('orders').insert(req.body).returning('*');
    await trx.commit();
    res.status(201).json(order);
  } catch (error) {
    await trx.rollback();
    throw error;
  }
});
