import { Router } from 'express';
import { Entity, type Repository } from 'typeorm';
import { events } from './events/setup.js';

@Entity()
class Order {
  id!: string;
  total!: number;
  isFlagged!: boolean;
}

declare const repository: Repository<Order>;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  res.json(await repository.save({ id: String(req.params.id), isFlagged: true }));
});

orders.put('/:id', async (req, res) => {
  res.json(await repository.manager.transaction(async (manager) => {
    const order = await manager.withRepository(repository).save({ id: String(req.params.id), total: 0 });
    await events.emit(manager, 'order.renamed', { subject: order.id, data: order });
    return order;
  }));
});
