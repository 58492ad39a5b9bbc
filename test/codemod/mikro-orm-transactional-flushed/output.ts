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
  const order = await em.transactional(async (tem) => {
    const order = tem.create(Order, req.body);
    await tem.persistAndFlush(order);
    await events.emit(tem, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
