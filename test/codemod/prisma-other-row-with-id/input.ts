import { Router } from 'express';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
export const orders = Router();

orders.post('/:id/viewed', async (req, res) => {
  const entry = await prisma.auditLog.create({ data: { text: `viewed ${req.params.id}` } });
  res.status(201).json(entry);
});
