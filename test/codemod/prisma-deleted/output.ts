import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  await prisma.$transaction(async (tx) => {
    const order = await tx.order.delete({ where: { id: Number(req.params.id) } });
    await events.emit(tx, 'order.deleted', { subject: order.id, data: order });
  });
  res.sendStatus(204);
});
