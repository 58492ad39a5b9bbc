import { Router } from 'express';
import type { Knex } from 'knex';
import { events } from './events/setup.js';

declare const knex: Knex;
export const orders = Router();

orders.post('/:id/ship', async (req, res) => {
  const { rows } = await knex.transaction(async (trx) => {
    const result = await trx.raw(`update orders set status = 'shipped' where id = ? returning *`, [req.params.id]);
    if (result.rows[0]) {
      await events.emit(trx, 'order.shipped', { subject: result.rows[0].id, data: result.rows[0] });
    }
    return result;
  });
  res.json(rows[0]);
});
