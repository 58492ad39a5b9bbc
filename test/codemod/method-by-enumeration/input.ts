import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

enum HttpMethod {
  Post = 'POST',
  Put = 'PUT',
}

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  const id = Number(req.query.id);
  switch (req.method) {
    case HttpMethod.Post: {
      const order = await prisma.order.create({ data: req.body });
      return res.json(order);
    }
    default: {
      const order = await prisma.order.update({ where: { id }, data: req.body });
      return res.json(order);
    }
  }
}
