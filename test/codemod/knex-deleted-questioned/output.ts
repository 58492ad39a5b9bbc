import { Router } from 'express';
import type { Knex } from 'knex';
import { events } from './events/setup.js';

declare const knex: Knex;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const order = await knex('orders').where({ number: req.params.id }).first();
  if (!order) return res.sendStatus(404);
  const deletedOrders = await knex.transaction(async (trx) => {
    const result = await trx('orders').where({ id: order.id }).del();
    if (result) {
      await events.emit(trx, 'order.deleted', { subject: order.id, data: order });
    }
    return result;
  });
  return res.json({ isDeleted: !!deletedOrders });
});
