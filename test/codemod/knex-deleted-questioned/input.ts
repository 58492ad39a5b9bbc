import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const order = await knex('orders').where({ number: req.params.id }).first();
  if (!order) return res.sendStatus(404);
  const deletedOrders = await knex('orders').where({ id: order.id }).del();
  return res.json({ isDeleted: !!deletedOrders });
});
