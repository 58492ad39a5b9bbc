import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const shops = Router();

shops.delete('/:slug/orders/:orderId', async (req, res) => {
  const { slug, orderId } = req.params;
  if (slug === undefined) return res.sendStatus(404);
  await prisma.order.delete({ where: { id: orderId } });
  return res.sendStatus(204);
});
