import { Router } from 'express';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
export const orders = Router();

orders.post('/:id', async (req, res) => {
  const order = await prisma.order.create({ data: { total: req.body.total } });
  res.status(201).json(order);
});

orders.put('/:id', async (req, res) => {
  const order = await prisma.order.upsert({ where: { id: req.params.id }, create: req.body, update: req.body });
  res.json(order);
});
