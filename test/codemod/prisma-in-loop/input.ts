import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  for (const line of req.body.lines) {
    await prisma.order.create({ data: line });
  }
  res.sendStatus(201);
});
