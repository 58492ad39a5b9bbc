import prisma from './input-prisma.js';

export async function createOrder(total: number) {
  if (total <= 0) throw new Error('nothing to order');
  const before = await prisma.order.findUnique({ where: { total } });
  if (before !== null) throw new Error('ordered before');
  const order = await prisma.order.create({ data: { total } });
  return { id: order.id, total: order.total };
}
