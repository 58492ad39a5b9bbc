import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';
import { events } from './events/setup.js';

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
  await order.sequelize.transaction(async (transaction) => {
    await order.save({ transaction });
    await events.emit(transaction, 'order.updated', { subject: order.id, data: order });
  });
  return res.json(order);
});
