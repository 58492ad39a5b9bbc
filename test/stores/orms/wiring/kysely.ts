import { Kysely, PostgresDialect } from 'kysely';
import type { Generated } from 'kysely';
import { Pool } from 'pg';
import type { Handlers } from './handlers.ts';

interface Tables {
  readonly orders: {
    readonly id: Generated<string>;
    readonly number: string;
    readonly total: string;
    readonly note: string | null;
    readonly placed_at: Date;
    readonly details: unknown;
  };
}

export function open(url: string): Handlers {
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: url }) }),
  });
  const fixed = { total: '1.00', note: null, placed_at: new Date(), details: {} };
  function insertOrder(number: string) {
    return db
      .insertInto('orders')
      .values({ ...fixed, number })
      .returningAll()
      .executeTakeFirstOrThrow();
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
      const placed = await db
        .insertInto('orders')
        .values({ ...fixed, number })
        .returningAll()
        .executeTakeFirstOrThrow();
      return placed;
    },
    async placeChecked(number, check) {
      return db.transaction().execute(async (trx) => {
        const placed = await trx
          .insertInto('orders')
          .values({ ...fixed, number })
          .returningAll()
          .executeTakeFirstOrThrow();
        check();
        return placed;
      });
    },
    async ship(id) {
      const shipped = await db
        .updateTable('orders')
        .set({ note: 'shipped' })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return shipped;
    },
    async cancel(id) {
      return db.deleteFrom('orders').where('id', '=', id).returningAll().executeTakeFirst();
    },
    close: () => db.destroy(),
  };
}
