import { Router } from 'express';
import { Model } from 'objection';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await Order.query().insert(req.body);
  res.status(201).json(order);
});
