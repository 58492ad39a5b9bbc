import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

class OrderRepository {
  constructor(private readonly client: PrismaClient) {}

  create(data: object) {
    return this.client.order.create({ data });
  }
}

const repository = new OrderRepository(prisma);

orders.post('/', async (req, res) => {
  res.status(201).json(await repository.create(req.body));
});
