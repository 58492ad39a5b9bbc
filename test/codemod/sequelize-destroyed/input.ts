import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare total: number;
}

declare const sequelize: Sequelize;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  await Order.destroy({
    where: { id },
  });
  res.sendStatus(204);
});
