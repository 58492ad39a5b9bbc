import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/available', async (req, res) => {
  const response = await prisma.$transaction(async (tx) => {
    const response = await tx.availableOrder.create({ data: { orderId: req.body.orderId } });
    await events.emit(tx, 'order.available_created', { subject: response.orderId, data: response });
    return response;
  });
  res.status(201).json(response);
});

orders.delete('/available/:id', async (req, res) => {
  const id = Number(req.params.id);
  const { count } = await prisma.availableOrder.deleteMany({ where: { id } });
  res.json({ count });
});
