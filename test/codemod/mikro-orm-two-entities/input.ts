import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';

class Order {
  id!: string;
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = em.create(Order, req.body);
  const gift = em.create(Order, { total: 0 });
  await em.persist([order, gift]).flush();
  res.status(201).json(order);
});
