import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const orders = Router();

export async function placeOrder(order: object) {
  return prisma.order.create({ data: order });
}
