import knexOf from 'knex';
import { Model, knexSnakeCaseMappers, transaction } from 'objection';
import type { Transaction } from 'objection';
import { knexTarget } from '../../../src/stores/knex.ts';
import type { KnexTx } from '../../../src/stores/knex.ts';
import { DETAILS, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

class Order extends Model {
  static override tableName = 'orders';
  declare readonly id: string;
  declare readonly number: string;
  declare readonly total: string;
  declare readonly note: string | null;
  declare readonly placedAt: Date;
  declare readonly details: unknown;
}

export async function openObjection({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  const knex = knexOf({ client: 'pg', connection: url, ...knexSnakeCaseMappers() });
  const { emit } = emitterFor<KnexTx>(knexTarget);

  const scopeOf = (trx: Transaction): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const order = await Order.query(trx).insert(values).returning('*');
      return emit(trx, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(trx, 'order.created', event),
    nested: (run) => transaction(trx, (inner) => run(scopeOf(inner))),
  });

  return {
    transaction: (run) => transaction(knex, (trx) => run(scopeOf(trx))),
    // @ts-expect-error an instance is no transaction
    emitOutside: (event) => emit(knex, 'order.created', event),
    close: () => knex.destroy(),
  };
}
