import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

class OrderRepository {
  constructor(private readonly client: PrismaClient) {}

  create(data: object) {
    return this.client.$transaction(async (tx) => {
      const order = await tx.order.create({ data });
      await events.emit(tx, 'order.created', { subject: order.id, data: order });
      return order;
    });
  }
}

const repository = new OrderRepository(prisma);

orders.post('/', async (req, res) => {
  res.status(201).json(await repository.create(req.body));
});
