import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';

class Order {
  id!: string;
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  const count = await em.nativeDelete(Order, { id });
  res.json({ count });
});
