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
  const order = await sequelize.transaction(async (t) => {
    const created = await Order.create(req.body, { transaction: t });
    await events.emit(t, 'order.created', { subject: created.id, data: created });
    return created;
  });
  res.status(201).json(order);
});
