import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/client.ts';
import type { Handlers } from './handlers.ts';

export function open(url: string): Handlers {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  const fixed = { total: '1.00', placedAt: new Date(), details: {} };
  const insertOrder = async (number: string) => prisma.order.create({ data: { ...fixed, number } });
  return {
    async copy(number) {
      const copied = await insertOrder(number);
      return copied;
    },
    async again(number) {
      await insertOrder(number);
    },
    async place(number) {
      const placed = await prisma.order.create({ data: { ...fixed, number } });
      return placed;
    },
    async placeChecked(number, check) {
      return prisma.$transaction(async (tx) => {
        const placed = await tx.order.create({ data: { ...fixed, number } });
        check();
        return placed;
      });
    },
    async ship(id) {
      const result = await prisma.order.updateMany({
        where: { id: BigInt(id) },
        data: { note: `shipped ${id}` },
      });
      return result;
    },
    async cancel(id) {
      return prisma.order.delete({ where: { id: BigInt(id) } });
    },
    close: () => prisma.$disconnect(),
  };
}
