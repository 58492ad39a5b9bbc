import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';
import { events } from './events/setup.js';

class Order extends Model {
  declare id: number;
  declare total: number;
}

declare const sequelize: Sequelize;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  await Order.sequelize!.transaction(async (transaction) => {
    const result = await Order.destroy({
      where: { id },
      transaction,
    });
    if (result) {
      await events.emit(transaction, 'order.deleted', { subject: id, data: { id } });
    }
  });
  res.sendStatus(204);
});
