import { Router } from 'express';
import { Model } from 'objection';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await Order.transaction(async () => {
    const created = await Order.query().insert(req.body);
    return created;
  });
  res.status(201).json(order);
});
