import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/:id', async (req, res) => {
  const id = Number(req.params.id);
  const method = req.body._method ?? 'POST';
  if (method === 'DELETE') {
    await prisma.order.delete({ where: { id } });
    return res.sendStatus(204);
  }
  const order = await prisma.order.update({ where: { id }, data: { status: req.body.status } });
  return res.json(order);
});
