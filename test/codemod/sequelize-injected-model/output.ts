import { Router } from 'express';
import { Model } from 'sequelize';
import { events } from './events/setup.js';

class Order extends Model {
  declare id: number;
  declare total: number;
}

class OrdersService {
  constructor(private readonly orderRepo: typeof Order) {}

  async update(id: number, values: object) {
    return this.orderRepo.sequelize!.transaction(async (transaction) => {
      const updatedOrder = await (
        await this.orderRepo.update(values, {
          where: { id },
          returning: true,
          transaction,
        })
      )[1][0];
      if (updatedOrder) {
        await events.emit(transaction, 'order.updated', { subject: updatedOrder.id, data: updatedOrder });
      }
      return updatedOrder;
    });
  }

  async ship(id: number) {
    const [, [order]] = await this.orderRepo.sequelize!.transaction(async (transaction) => {
      const result = await this.orderRepo.update({ status: 'shipped' }, { where: { id }, returning: true, transaction });
      if (result[1][0]) {
        await events.emit(transaction, 'order.shipped', { subject: result[1][0].id, data: result[1][0] });
      }
      return result;
    });
    return order;
  }

  async remove(id: number) {
    const order = await this.orderRepo.findByPk(id);
    if (!order) throw new Error('there is no such order');
    await this.orderRepo.sequelize!.transaction(async (transaction) => {
      await this.orderRepo.destroy({ where: { id }, transaction });
      await events.emit(transaction, 'order.deleted', { subject: order.id, data: order });
    });
    return order;
  }
}

const service = new OrdersService(Order);
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  res.json(await service.update(Number(req.params.id), req.body));
});

orders.post('/:id/ship', async (req, res) => {
  res.json(await service.ship(Number(req.params.id)));
});

orders.delete('/:id', async (req, res) => {
  res.json(await service.remove(Number(req.params.id)));
});
