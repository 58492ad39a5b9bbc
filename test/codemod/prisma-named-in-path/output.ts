import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const shops = Router();

shops.delete('/:slug/orders/:orderId', async (req, res) => {
  const { slug, orderId } = req.params;
  if (slug === undefined) return res.sendStatus(404);
  await prisma.$transaction(async (tx) => {
    await tx.order.delete({ where: { id: orderId } });
    await events.emit(tx, 'order.deleted', { subject: orderId, data: { orderId, slug } });
  });
  return res.sendStatus(204);
});
