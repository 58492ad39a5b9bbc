import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare total: number;
}

declare const sequelize: Sequelize;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await Order.findByPk(req.params.id);
  if (!order) return res.sendStatus(404);
  order.total = req.body.total;
  await order.save();
  return res.json(order);
});
