import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';

class Order {
  id!: string;
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await em.transactional(async (em) => {
    const order = em.create(Order, req.body);
    em.persist(order);
    return order;
  });
  res.status(201).json(order);
});
