import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';
import { events } from './events/setup.js';

class Order extends Model {
  declare id: number;
  declare total: number;
}

declare const sequelize: Sequelize;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await Order.sequelize!.transaction(async (transaction) => {
    const order = await Order.create({ total: req.body.total }, { transaction });
    await events.emit(transaction, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
