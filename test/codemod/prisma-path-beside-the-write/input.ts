import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.put('/:id/:status', async (req, res) => {
  const { id, status } = req.params;
  const { count } = await prisma.order.updateMany({ where: { id }, data: { status: 'cancelled' } });
  res.json({ count, status });
});

async function cancel(params: { id: string; status: string }): Promise<number> {
  const { id, status } = params;
  const { count } = await prisma.order.updateMany({ where: { id }, data: {} });
  return status === '' ? 0 : count;
}

orders.patch('/:id', async (req, res) => {
  res.json({ count: await cancel(req.body) });
});

orders.delete('/:status/:id', async (req, res) => {
  let status = req.params.status;
  const { id } = req.params;
  status = `was ${status}`;
  const { count } = await prisma.order.deleteMany({ where: { id } });
  res.json({ count, status });
});
