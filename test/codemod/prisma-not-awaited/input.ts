import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

orders.post('/', (req, res, next) => {
  prisma.order
    .create({ data: req.body })
    .then((order) => res.json(order))
    .catch(next);
});
