import { Router } from 'express';
import type { EntityManager } from '@mikro-orm/postgresql';
import { events } from './events/setup.js';

class Order {
  id!: string;
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const order = await em.findOneOrFail(Order, { id: req.params.id });
  await em.transactional(async (em) => {
    await em.removeAndFlush(order);
    await events.emit(em, 'order.deleted', { subject: order.id, data: order });
  });
  res.sendStatus(204);
});
