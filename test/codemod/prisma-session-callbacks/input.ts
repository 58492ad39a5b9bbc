import { Router } from 'express';
import { PrismaClient } from '@prisma/client';

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
  const order = await prisma.order.create({ data: { total: req.body.total, secret } });
  res.status(201).json(order);
});
