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
  const { id } = req.params;
  const count = await em.transactional(async (em) => {
    const count = await em.nativeDelete(Order, { id });
    if (count) {
      await events.emit(em, 'order.deleted', { subject: id, data: { id } });
    }
    return count;
  });
  res.json({ count });
});
