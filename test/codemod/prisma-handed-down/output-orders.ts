import prisma from './input-prisma.js';

export async function createOrder(total: number, client: Pick<typeof prisma, 'order'> = prisma) {
  if (total <= 0) throw new Error('nothing to order');
  const before = await client.order.findUnique({ where: { total } });
  if (before !== null) throw new Error('ordered before');
  const order = await client.order.create({ data: { total } });
  return { id: order.id, total: order.total };
}
