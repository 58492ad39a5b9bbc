import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';

class Order {
  id!: string;
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const order = await em.findOneOrFail(Order, { id: req.params.id });
  em.remove(order);
  await em.flush();
  res.sendStatus(204);
});
