import { Router } from 'express';
import { Model } from 'objection';
import { events } from './events/setup.js';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await Order.transaction(async (trx) => {
    const created = await Order.query(trx).insertAndFetch(req.body);
    await events.emit(trx, 'order.created', { subject: created.id, data: created });
    return created;
  });
  res.status(201).json(order);
});
