import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const orders = Router();

orders.post('/', async (req, res) => {
  await knex('orders').insert(req.body);
  res.sendStatus(201);
});
