import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup';

declare const prisma: PrismaClient;

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  const { method } = req;
  const id = Number(req.query.id);
  switch (method) {
    case 'GET':
      return res.json(await prisma.order.findUnique({ where: { id } }));
    case 'PUT':
    case 'PATCH': {
      const order = await prisma.$transaction(async (tx) => {
        const order = await tx.order.update({ where: { id }, data: { status: req.body.status } });
        await events.emit(tx, 'order.updated', { subject: order.id, data: order });
        return order;
      });
      return res.json(order);
    }
    case 'DELETE':
      await prisma.$transaction(async (tx) => {
        const deletedOrder = await tx.order.delete({ where: { id } });
        await events.emit(tx, 'order.deleted', { subject: deletedOrder.id, data: deletedOrder });
      });
      return res.status(204).end();
    default: {
      const order = await prisma.$transaction(async (tx) => {
        const order = await tx.order.create({ data: req.body });
        await events.emit(tx, 'order.created', { subject: order.id, data: order });
        return order;
      });
      return res.status(201).json(order);
    }
  }
}
