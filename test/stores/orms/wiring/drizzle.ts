import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { orders } from '../drizzle.ts';
import type { Handlers } from './handlers.ts';

export function open(url: string): Handlers {
  const db = drizzle(url);
  const fixed = { total: '1.00', placedAt: new Date(), details: {} };
  async function insertOrder(number: string) {
    const [inserted] = await db
      .insert(orders)
      .values({ ...fixed, number })
      .returning();
    return inserted;
  }
  return {
    async copy(number) {
      const copied = await insertOrder(number);
      return copied;
    },
    async again(number) {
      await insertOrder(number);
    },
    async place(number) {
      const [placed] = await db
        .insert(orders)
        .values({ ...fixed, number })
        .returning();
      return placed;
    },
    async placeChecked(number, check) {
      return db.transaction(async (tx) => {
        const [placed] = await tx
          .insert(orders)
          .values({ ...fixed, number })
          .returning();
        check();
        if (placed === undefined) throw new Error('not placed');
        return placed;
      });
    },
    async ship(id) {
      const [shipped] = await db
        .update(orders)
        .set({ note: 'shipped' })
        .where(eq(orders.id, BigInt(id)))
        .returning();
      return shipped;
    },
    async cancel(id) {
      const result = await db.delete(orders).where(eq(orders.id, BigInt(id)));
      return result.rowCount;
    },
    close: () => db.$client.end(),
  };
}
