import { Router } from 'express';
import { Model } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare total: number;
}

class OrdersService {
  constructor(private readonly orderRepo: typeof Order) {}

  async update(id: number, values: object) {
    const updatedOrder = await (
      await this.orderRepo.update(values, {
        where: { id },
        returning: true,
      })
    )[1][0];
    return updatedOrder;
  }

  async ship(id: number) {
    const [, [order]] = await this.orderRepo.update({ status: 'shipped' }, { where: { id }, returning: true });
    return order;
  }

  async remove(id: number) {
    const order = await this.orderRepo.findByPk(id);
    if (!order) throw new Error('there is no such order');
    await this.orderRepo.destroy({ where: { id } });
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
