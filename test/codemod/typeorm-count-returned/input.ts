import { Router } from 'express';
import { Entity, type Repository } from 'typeorm';

@Entity()
class Order {
  id!: string;
  total!: number;
}

declare const repository: Repository<Order>;
export const orders = Router();

async function removeOrder(id: string) {
  const { affected } = await repository.delete(id);
  return affected;
}

orders.delete('/:id', async (req, res) => {
  res.json({ removed: await removeOrder(String(req.params.id)) });
});
