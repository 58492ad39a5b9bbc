import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await prisma.order.create({ data: req.body });
  await prisma.auditLog.create({ data: { text: `order ${order.id}` } });
  res.status(201).json(order);
});
