import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await prisma.$transaction(async (tx) => {
    const created = await tx.order.create({ data: req.body });
    await tx.auditLog.create({ data: { text: 'created' } } as never);
    await events.emit(tx, 'order.created', { subject: created.id, data: created });
    return created;
  });
  res.status(201).json(order);
});
