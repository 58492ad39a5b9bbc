import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await prisma.$transaction(async (tx) => {
    const created = await tx.order.create({ data: req.body });
    await tx.auditLog.create({ data: { text: 'created' } } as never);
    return created;
  });
  res.status(201).json(order);
});
