import knexOf from 'knex';
import { Model, knexSnakeCaseMappers } from 'objection';
import type { Handlers } from './handlers.ts';

class Order extends Model {
  static override tableName = 'orders';
  declare readonly id: string;
  declare readonly number: string;
  declare readonly note: string | null;
}

export function open(url: string): Handlers {
  const knex = knexOf({ client: 'pg', connection: url, ...knexSnakeCaseMappers() });
  Model.knex(knex);
  const fixed = { total: '1.00', placedAt: new Date(), details: {} };
  return {
    async place(number) {
      const placed = await Order.query().insert({ ...fixed, number });
      return placed;
    },
    async placeChecked(number, check) {
      return Order.transaction(async (trx) => {
        const placed = await Order.query(trx).insertAndFetch({ ...fixed, number });
        check();
        return placed;
      });
    },
    async ship(id) {
      return Order.query().patchAndFetchById(id, { note: 'shipped' });
    },
    async cancel(id) {
      return await Order.query().deleteById(id);
    },
    close: () => knex.destroy(),
  };
}
