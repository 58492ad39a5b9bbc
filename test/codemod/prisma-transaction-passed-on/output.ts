import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
type Tx = Pick<PrismaClient, 'order' | '$executeRawUnsafe' | '$queryRawUnsafe'>;

async function insertOrder(tx: Tx, data: object) {
  const order = await tx.order.create({ data });
  await events.emit(tx, 'order.created', { subject: order.id, data: order });
  return order;
}

export async function placeOrder(data: object) {
  return prisma.$transaction(async (tx) => insertOrder(tx, data));
}
