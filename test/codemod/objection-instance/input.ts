import { Router } from 'express';
import { Model } from 'objection';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.post('/:id/ship', async (req, res) => {
  const order = await Order.query().findById(req.params.id);
  if (!order) return res.sendStatus(404);
  await order.$query().patch({ status: 'shipped' });
  return res.json(order);
});
