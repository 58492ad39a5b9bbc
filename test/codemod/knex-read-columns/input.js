import { Router } from 'express';
import { knex } from './database.js';

export const orders = Router();

orders.delete('/:slug', async (req, res) => {
  const { slug } = req.params;
  const order = await knex('orders').select('id').where('slug', slug).first();
  if (!order) return res.sendStatus(404);
  await knex('orders').where('id', order.id).del();
  res.sendStatus(204);
});
