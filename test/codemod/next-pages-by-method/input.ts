import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

async function changeOrder(id: number, status: string) {
  return await prisma.order.update({ where: { id }, data: { status } });
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
    await prisma.order.delete({ where: { id } });
    return res.status(204).end();
  }
  const log = await prisma.auditLog.create({ data: { text: `order ${id}` } });
  res.status(201).json(log);
}
