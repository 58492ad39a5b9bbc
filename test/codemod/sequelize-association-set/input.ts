import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare total: number;
  // As sequelize-typescript declares it.
  declare $set: (association: string, rows: object[]) => Promise<unknown>;
}

declare const sequelize: Sequelize;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await Order.findByPk(req.params.id);
  if (!order) return res.sendStatus(404);
  await order.$set('lines', req.body.lines);
  await order.save();
  return res.json(order);
});
