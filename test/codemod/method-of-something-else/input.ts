import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  const { method } = req.body;
  if (method === 'card') {
    const order = await prisma.order.create({ data: { total: req.body.total } });
    return res.json(order);
  }
  switch (req.body.method) {
    case 'cash': {
      const order = await prisma.order.create({ data: { total: req.body.total, status: 'paid' } });
      return res.json(order);
    }
    default:
      return res.sendStatus(400);
  }
});
