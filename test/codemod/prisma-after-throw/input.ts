import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  throw new Error('not yet');
  const order = await prisma.order.create({ data: req.body });
  res.status(201).json(order);
});
