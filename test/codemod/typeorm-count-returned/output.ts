import { Router } from 'express';
import { Entity, type Repository } from 'typeorm';
import { events } from './events/setup.js';

@Entity()
class Order {
  id!: string;
  total!: number;
}

declare const repository: Repository<Order>;
export const orders = Router();

async function removeOrder(id: string) {
  const { affected } = await repository.manager.transaction(async (manager) => {
    const result = await manager.withRepository(repository).delete(id);
    if (result.affected) {
      await events.emit(manager, 'order.deleted', { subject: id, data: { id } });
    }
    return result;
  });
  return affected;
}

orders.delete('/:id', async (req, res) => {
  res.json({ removed: await removeOrder(String(req.params.id)) });
});
