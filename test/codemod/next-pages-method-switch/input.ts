import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  const { method } = req;
  const id = Number(req.query.id);
  switch (method) {
    case 'GET':
      return res.json(await prisma.order.findUnique({ where: { id } }));
    case 'PUT':
    case 'PATCH': {
      const order = await prisma.order.update({ where: { id }, data: { status: req.body.status } });
      return res.json(order);
    }
    case 'DELETE':
      await prisma.order.delete({ where: { id } });
      return res.status(204).end();
    default: {
      const order = await prisma.order.create({ data: req.body });
      return res.status(201).json(order);
    }
  }
}
