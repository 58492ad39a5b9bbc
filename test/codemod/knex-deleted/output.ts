import { Router } from 'express';
import type { Knex } from 'knex';
import { events } from './events/setup.js';

declare const knex: Knex;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  const count = await knex.transaction(async (trx) => {
    const count = await trx('orders').where({ id }).del();
    if (count) {
      await events.emit(trx, 'order.deleted', { subject: id, data: { id } });
    }
    return count;
  });
  if (count === 0) return res.sendStatus(404);
  return res.sendStatus(204);
});
