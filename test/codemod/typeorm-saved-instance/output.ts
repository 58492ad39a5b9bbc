import { Router } from 'express';
import { Entity, type DataSource, type Repository } from 'typeorm';
import { events } from './events/setup.js';

@Entity()
class Order {
  id!: string;
  total!: number;
}

declare const dataSource: DataSource;
declare const repository: Repository<Order>;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await repository.findOneBy({ id: req.params.id });
  if (!order) return res.sendStatus(404);
  order.total = req.body.total;
  await repository.manager.transaction(async (manager) => {
    await manager.withRepository(repository).save(order);
    await events.emit(manager, 'order.updated', { subject: order.id, data: order });
  });
  return res.json(order);
});
