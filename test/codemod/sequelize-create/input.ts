import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare total: number;
}

declare const sequelize: Sequelize;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await Order.create({ total: req.body.total });
  res.status(201).json(order);
});
