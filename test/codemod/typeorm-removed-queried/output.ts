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

orders.delete('/:id', async (req, res) => {
  const query = repository.createQueryBuilder().where('order.id = :id', { id: req.params.id });
  const order = await query.getOne();
  if (order) await repository.manager.transaction(async (manager) => {
    await events.emit(manager, 'order.deleted', { subject: order.id, data: order });
    await manager.withRepository(repository).remove(order);
  });
  res.sendStatus(204);
});
