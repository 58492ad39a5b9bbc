import { Router } from 'express';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await prisma.order.upsert({ where: { id: req.body.id }, create: req.body, update: req.body });
  res.json(order);
});
