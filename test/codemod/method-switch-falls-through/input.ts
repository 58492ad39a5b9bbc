import type { NextApiRequest, NextApiResponse } from 'next';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  const id = Number(req.query.id);
  switch (req.method) {
    case 'POST':
      res.setHeader('X-Approved', [req.query.id]);
    case 'PUT': {
      const order = await prisma.order.update({ where: { id }, data: req.body });
      return res.json(order);
    }
  }
}
