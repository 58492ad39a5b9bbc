import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';

class Order {
  id!: string;
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const order = await em.findOneOrFail(Order, { id: req.params.id });
  order.total = req.body.total;
  await em.flush();
  res.json(order);
});
