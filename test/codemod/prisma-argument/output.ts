import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => res.json(await prisma.$transaction(async (tx) => {
  const order = await tx.order.create({ data: req.body });
  await events.emit(tx, 'order.created', { subject: order.id, data: order });
  return order;
})));
