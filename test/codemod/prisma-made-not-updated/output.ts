import { Router } from 'express';
import { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

const prisma = new PrismaClient();
export const orders = Router();

orders.post('/:id', async (req, res) => {
  const order = await prisma.order.create({ data: { total: req.body.total } });
  res.status(201).json(order);
});

orders.put('/:id', async (req, res) => {
  const order = await prisma.$transaction(async (tx) => {
    const order = await tx.order.upsert({ where: { id: req.params.id }, create: req.body, update: req.body });
    await events.emit(tx, 'order.updated', { subject: order.id, data: order });
    return order;
  });
  res.json(order);
});
