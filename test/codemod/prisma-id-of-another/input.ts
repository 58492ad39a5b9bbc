import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.delete('/logs/:id', async (req, res) => {
  const { id } = req.params;
  const { count } = await prisma.auditLog.deleteMany({ where: { id } });
  res.json({ count });
});
