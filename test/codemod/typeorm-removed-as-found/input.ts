import { Router } from 'express';
import { Entity, type Repository } from 'typeorm';

@Entity()
class Order {
  id!: string;
  total!: number;
}

declare const repository: Repository<Order>;
export const orders = Router();

async function findOrder(id: string): Promise<Order> {
  const order = await repository.findOneBy({ id });
  if (!order) throw new Error('there is no such order');
  return order;
}

orders.delete('/:id', async (req, res) => {
  const order = await findOrder(String(req.params.id));
  await repository.remove(order);
  res.sendStatus(204);
});
