import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup';

declare const prisma: PrismaClient;

async function setStatus(id: number, status: string, client: Pick<typeof prisma, 'order'> = prisma) {
  return await client.order.update({ where: { id }, data: { status } });
}

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  const id = Number(req.query.id);
  if (req.method === 'PUT') return res.json(await prisma.$transaction(async (tx) => {
    const order = await setStatus(id, req.body.status, tx);
    await events.emit(tx, 'order.updated', { subject: order.id, data: order });
    return order;
  }));
  if (req.method === 'DELETE') return res.json(await prisma.$transaction(async (tx) => {
    const order = await setStatus(id, 'cancelled', tx);
    await events.emit(tx, 'order.deleted', { subject: order.id, data: order });
    return order;
  }));
  return res.status(405).end();
}
