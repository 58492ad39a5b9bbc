import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.delete('/:orderId', async (req, res) => {
  const { orderId } = req.params;
  const { count } = await prisma.order.deleteMany({ where: { id: orderId } });
  res.json({ count });
});
