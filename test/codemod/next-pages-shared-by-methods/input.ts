import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

async function setStatus(id: number, status: string) {
  return await prisma.order.update({ where: { id }, data: { status } });
}

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  const id = Number(req.query.id);
  if (req.method === 'PUT') return res.json(await setStatus(id, req.body.status));
  if (req.method === 'DELETE') return res.json(await setStatus(id, 'cancelled'));
  return res.status(405).end();
}
