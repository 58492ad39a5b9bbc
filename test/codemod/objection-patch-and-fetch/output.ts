import { Router } from 'express';
import { Model } from 'objection';
import { events } from './events/setup.js';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await Order.transaction(async (trx) => {
    const order = await Order.query(trx).patchAndFetchById(req.params.id, req.body);
    if (order) {
      await events.emit(trx, 'order.updated', { subject: order.id, data: order });
    }
    return order;
  });
  if (order === undefined) return res.sendStatus(404);
  return res.json(order);
});
