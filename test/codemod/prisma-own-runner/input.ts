import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

type Tx = Omit<PrismaClient, '$transaction' | '$connect'>;

function transaction<T>(work: (tx: Tx) => Promise<T>) {
  return prisma.$transaction(work);
}

orders.post('/', async (req, res) => {
  const order = await transaction(async (tx) => {
    const created = await tx.order.create({ data: req.body });
    return created;
  });
  res.status(201).json(order);
});
