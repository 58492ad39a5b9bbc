import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', async (req, res) => {
  const known = await prisma.order.findUnique({ where: { id: req.body.id } });
  if (known) return res.json(known);
  const order = await prisma.$transaction(async (tx) => {
    const order = await tx.order.create({ data: req.body });
    await events.emit(tx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  return res.status(201).json(order);
});
