import { Router } from 'express';
import { Model } from 'objection';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await Order.query().patchAndFetchById(req.params.id, req.body);
  if (order === undefined) return res.sendStatus(404);
  return res.json(order);
});
