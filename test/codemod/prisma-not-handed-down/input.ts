import { PrismaClient } from '@prisma/client';
import { Router } from 'express';

const prisma = new PrismaClient();
export const orders = Router();

async function findOrCreate(total: number) {
  const before = await prisma.order.findUnique({ where: { total } });
  if (before !== null) return before;
  return prisma.order.create({ data: { total } });
}

async function createIfPossible(total: number) {
  try {
    return await prisma.order.create({ data: { total } });
  } catch {
    return null;
  }
}

async function createOne(total: number) {
  return prisma.order.create({ data: { total } });
}

function readOrder(id: number) {
  return prisma.order.findUnique({ where: { id } });
}

async function createAndRead(total: number) {
  const order = await prisma.order.create({ data: { total } });
  return readOrder(order.id);
}

async function createOrDefault(total = 1) {
  return prisma.order.create({ data: { total } });
}

orders.post('/early', async (req, res) => {
  const order = await findOrCreate(req.body.total);
  res.json(order);
});

orders.post('/caught', async (req, res) => {
  const order = await createIfPossible(req.body.total);
  res.json(order);
});

orders.post('/value', async (req, res) => {
  const order = await createOne(req.body.total);
  res.json(order);
});

orders.post('/further', async (req, res) => {
  const order = await createAndRead(req.body.total);
  res.json(order);
});

orders.post('/fewer', async (req, res) => {
  const order = await createOrDefault();
  res.json(order);
});

orders.post('/other', async (req, res) => {
  const all = [findOrCreate(1), createIfPossible(2), createAndRead(3), createOrDefault(4)];
  res.json(await Promise.all([...all, ...[5, 6].map(createOne)]));
});
