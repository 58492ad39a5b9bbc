import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  const known = await prisma.order.findUnique({ where: { id: req.body.id } });
  if (known) return res.json(known);
  const order = await prisma.order.create({ data: req.body });
  return res.status(201).json(order);
});
