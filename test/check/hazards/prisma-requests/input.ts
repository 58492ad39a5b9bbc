import axios, { isAxiosError } from 'axios';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

export async function place(req, res) {
  const rates = await axios.get('https://rates.example/eur');
  const order = await prisma.$transaction(async (tx) => {
    const created = await tx.order.create({ data: { ...req.body, rate: rates.data.eur } });
    const stock = await fetch(`https://stock.example/${created.id}`);
    const left = stock.headers.get('x-left');
    await axios.post('https://stock.example/reserve', { id: created.id, left });
    return created;
  });
  await axios.post('https://mail.example', { id: order.id });
  res.json(order);
}

export async function pay(req, res) {
  await prisma.$transaction(async (tx) => {
    try {
      await tx.order.update({ where: { id: req.params.id }, data: { paid: true } });
    } catch (error) {
      await axios.post('https://alerts.example', { status: isAxiosError(error) });
      throw error;
    }
    if (req.body.amount === 0) {
      await fetch('https://alerts.example', { method: 'POST' });
      throw new Error('nothing was paid');
    }
    setTimeout(() => fetch('https://later.example'), 1000);
  });
  res.end();
}
