import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup';

declare const prisma: PrismaClient;

async function changeOrder(id: number, status: string) {
  return await prisma.$transaction(async (tx) => {
    const order = await tx.order.update({ where: { id }, data: { status } });
    await events.emit(tx, 'order.updated', { subject: order.id, data: order });
    return order;
  });
}

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  const id = Number(req.query.id);
  if (req.method === 'GET') {
    return res.json(await prisma.order.findUnique({ where: { id } }));
  } else if (req.method === 'PUT' || req.method === 'PATCH') {
    const order = await changeOrder(id, req.body.status);
    return res.json(order);
  }
  if ('DELETE' === req.method) {
    await prisma.$transaction(async (tx) => {
      const deletedOrder = await tx.order.delete({ where: { id } });
      await events.emit(tx, 'order.deleted', { subject: deletedOrder.id, data: deletedOrder });
    });
    return res.status(204).end();
  }
  const log = await prisma.$transaction(async (tx) => {
    const log = await tx.auditLog.create({ data: { text: `order ${id}` } });
    await events.emit(tx, 'audit_log.created', { subject: log.id, data: log });
    return log;
  });
  res.status(201).json(log);
}
