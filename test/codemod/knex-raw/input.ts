import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.post('/:id/ship', async (req, res) => {
  const { rows } = await knex.raw(`update orders set status = 'shipped' where id = ? returning *`, [req.params.id]);
  res.json(rows[0]);
});
