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

orders.post('/', async (req, res) => {
  const order = await repository.manager.transaction(async (manager) => {
    const order = await manager.getRepository(Order).save(repository.create(req.body as Partial<Order>));
    await events.emit(manager, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
