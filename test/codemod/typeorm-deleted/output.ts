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
  const { id } = req.params;
  const result = await repository.manager.transaction(async (manager) => {
    const result = await manager.withRepository(repository).delete({ id });
    if (result.affected) {
      await events.emit(manager, 'order.deleted', { subject: id, data: { id } });
    }
    return result;
  });
  if (!result.affected) return res.sendStatus(404);
  return res.sendStatus(204);
});
