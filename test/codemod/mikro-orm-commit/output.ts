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
  await em.begin();
  const order = em.create(Order, req.body);
  await em.persistAndFlush(order);
  await events.emit(em, 'order.created', { subject: order.id, data: order });
  await em.commit();
  res.status(201).json(order);
});
