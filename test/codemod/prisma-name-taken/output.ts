import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const orders = Router();

export async function placeOrder(order: object) {
  return prisma.$transaction(async (tx) => {
    const createdOrder = await tx.order.create({ data: order });
    await events.emit(tx, 'order.created', { subject: createdOrder.id, data: createdOrder });
    return createdOrder;
  });
}
