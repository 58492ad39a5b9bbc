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
  const transaction = await sequelize.transaction();
  try {
    const order = await Order.create(req.body, { transaction });
    await events.emit(transaction, 'order.created', { subject: order.id, data: order });
    await transaction.commit();
    return res.status(201).json(order);
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
});
