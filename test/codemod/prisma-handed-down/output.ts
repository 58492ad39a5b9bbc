import { Router } from 'express';
import { createOrder } from './input-orders.js';
import { events } from './events/setup.js';
import prisma from './input-prisma.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await prisma.$transaction(async (tx) => {
    const order = await createOrder(req.body.total, tx);
    await events.emit(tx, 'order.placed', { subject: order.id, data: order });
    return order;
  });
  res.status(201).json(order);
});

orders.post('/import', async (req, res) => {
  res.status(201).json(await prisma.$transaction(async (tx) => {
    const order = await createOrder(req.body.total + 1, tx);
    await events.emit(tx, 'order.imported', { subject: order.id, data: order });
    return order;
  }));
});
