import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await prisma.order.create({
    data: {
      total: req.body.total, // in cents
      note: `two
lines`,
    },
  });
  res.status(201).json(order);
});
