import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';

class Order {
  id!: string;
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.post('/', async (req, res) => {
  await em.begin();
  const order = em.create(Order, req.body);
  await em.persistAndFlush(order);
  await em.commit();
  res.status(201).json(order);
});
