import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
declare function hash(text: string): Promise<string>;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await prisma.order.create({ data: { ...req.body, key: await hash(req.body.key) } });
  res.status(201).json(order);
});
