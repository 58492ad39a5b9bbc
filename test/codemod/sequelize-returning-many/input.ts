import { Router } from 'express';
import { Model } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare status: string;
}

export const orders = Router();

orders.post('/close', async (req, res) => {
  const [count, rows] = await Order.update({ status: 'closed' }, { where: { status: 'open' }, returning: true });
  res.json({ count, rows });
});

orders.put('/close', async (req, res) => {
  await Order.update({ status: 'closed' }, { where: { status: 'open' }, returning: true });
  res.sendStatus(204);
});
