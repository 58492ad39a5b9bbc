import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

export function* placeOrder(total: number): Generator<Promise<object>, void, object> {
  yield prisma.order.create({ data: { total } });
}
