import { Router } from 'express';
import { Property, type EntityManager } from '@mikro-orm/postgresql';

class Order {
  id!: string;

  @Property({ serializedName: 'total_amount' })
  total!: number;
}

declare const em: EntityManager;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = em.create(Order, { total: req.body.total });
  await em.persistAndFlush(order);
  res.status(201).json(order);
});
