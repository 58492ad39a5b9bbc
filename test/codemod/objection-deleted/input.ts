import { Router } from 'express';
import { Model } from 'objection';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  await Order.query().deleteById(id);
  res.sendStatus(204);
});
