import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/available', async (req, res) => {
  const response = await prisma.availableOrder.create({ data: { orderId: req.body.orderId } });
  res.status(201).json(response);
});

orders.delete('/available/:id', async (req, res) => {
  const id = Number(req.params.id);
  const { count } = await prisma.availableOrder.deleteMany({ where: { id } });
  res.json({ count });
});
