import { Router } from 'express';
import { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

const prisma = new PrismaClient();
export const orders = Router();

const logSignIn = (text: string) => prisma.auditLog.create({ data: { text } });

function sessionOptions(secret: string) {
  return {
    secret,
    callbacks: {
      signIn: async (name: string) => {
        await logSignIn(name);
      },
      async signUp(name: string) {
        await prisma.auditLog.create({ data: { text: name } });
      },
    },
  };
}

orders.post('/', async (req, res) => {
  const { secret } = sessionOptions('secret');
  const order = await prisma.$transaction(async (tx) => {
    const order = await tx.order.create({ data: { total: req.body.total, secret } });
    await events.emit(tx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});
