import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  const count = await knex('orders').where({ id }).del();
  if (count === 0) return res.sendStatus(404);
  return res.sendStatus(204);
});
