import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  await prisma.order.delete({ where: { id: Number(req.params.id) } });
  res.sendStatus(204);
});
