import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare total: number;
}

declare const sequelize: Sequelize;
export const orders = Router();

orders.post('/', async (req, res) => {
  const [order] = await Order.findOrCreate({ where: { total: req.body.total } });
  res.json(order);
});
