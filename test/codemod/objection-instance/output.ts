import { Router } from 'express';
import { Model } from 'objection';
import { events } from './events/setup.js';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.post('/:id/ship', async (req, res) => {
  const order = await Order.query().findById(req.params.id);
  if (!order) return res.sendStatus(404);
  await order.$knex().transaction(async (trx) => {
    await order.$query(trx).patch({ status: 'shipped' });
    await events.emit(trx, 'order.shipped', { subject: order.id, data: order });
  });
  return res.json(order);
});
