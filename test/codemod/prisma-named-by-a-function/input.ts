import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

const normalized = (name: string): string => name.toLowerCase();

orders.delete('/:name', async (req, res) => {
  const name = req.params.name ?? '';
  const { count } = await prisma.order.deleteMany({ where: { customer: { name: normalized(name) } } });
  res.json({ count });
});

orders.put('/:name', async (req, res) => {
  const { name = '' } = req.params;
  const { count } = await prisma.order.updateMany({ where: { name: name.trim() }, data: { status: 'shipped' } });
  res.json({ count });
});

orders.patch('/:name', async (req, res) => {
  const { name = '' } = req.params;
  const { count } = await prisma.order.updateMany({ where: { name: `x-${name}` }, data: { status: 'cancelled' } });
  res.json({ count });
});
