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
    const order = await Order.query(trx).insert(req.body);
    await events.emit(trx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
