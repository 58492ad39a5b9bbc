import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';
import { events } from './events/setup.js';

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
    await em.flush();
    await events.emit(em, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
