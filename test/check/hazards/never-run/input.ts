import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function place(req, res) {
  prisma.order.create({ data: req.body });
  void prisma.order.create({ data: req.body });
  const later = prisma.order.update({ where: { id: 1 }, data: req.body });
  await prisma.$transaction([later, prisma.order.delete({ where: { id: 2 } })]);
  res.end();
}
