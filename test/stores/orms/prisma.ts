import { PrismaPg } from '@prisma/adapter-pg';
import { prismaTarget } from '../../../src/stores/prisma.ts';
import type { PrismaTx } from '../../../src/stores/prisma.ts';
import { PrismaClient } from './generated/client.ts';
import { DETAILS, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

export async function openPrisma({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  const { emit } = emitterFor<PrismaTx>(prismaTarget);
  type Tx = Parameters<Parameters<typeof prisma.$transaction>[0]>[0];

  const scopeOf = (tx: Tx): Scope => ({
    async createOrder(number, eventId) {
      const data = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const order = await tx.order.create({ data });
      return emit(tx, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(tx, 'order.created', event),
    nested: (run) => tx.$transaction((inner) => run(scopeOf(inner))),
  });

  return {
    transaction: (run) => prisma.$transaction((tx) => run(scopeOf(tx))),
    // @ts-expect-error a client is no transaction
    emitOutside: (event) => emit(prisma, 'order.created', event),
    close: () => prisma.$disconnect(),
  };
}
