import { Router } from 'express';
import { Model } from 'objection';
import { events } from './events/setup.js';

class Order extends Model {
  id!: number;
  total!: number;
}

export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  await Order.transaction(async (trx) => {
    const result = await Order.query(trx).deleteById(id);
    if (result) {
      await events.emit(trx, 'order.deleted', { subject: id, data: { id } });
    }
  });
  res.sendStatus(204);
});
