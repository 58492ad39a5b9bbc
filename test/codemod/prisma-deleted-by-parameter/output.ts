import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

orders.delete('/:orderId', async (req, res) => {
  const { orderId } = req.params;
  const { count } = await prisma.$transaction(async (tx) => {
    const result = await tx.order.deleteMany({ where: { id: orderId } });
    if (result.count) {
      await events.emit(tx, 'order.deleted', { subject: orderId, data: { orderId } });
    }
    return result;
  });
  res.json({ count });
});
