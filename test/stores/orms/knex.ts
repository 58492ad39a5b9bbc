import knexOf from 'knex';
import type { Knex } from 'knex';
import { knexTarget } from '../../../src/stores/knex.ts';
import type { KnexTx } from '../../../src/stores/knex.ts';
import { DETAILS, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

interface OrderRow {
  readonly id: string;
  readonly number: string;
  readonly total: string;
  readonly note: string | null;
  readonly placed_at: Date;
  readonly details: unknown;
}

export async function openKnex({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  const knex = knexOf({ client: 'pg', connection: url });
  const { emit } = emitterFor<KnexTx>(knexTarget);

  const scopeOf = (trx: Knex.Transaction): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placed_at: PLACED_AT, details: DETAILS };
      const [row] = await trx<OrderRow>('orders').insert(values).returning('*');
      if (row === undefined) throw new Error('no row');
      const data = { ...row, placedAt: row.placed_at };
      return emit(trx, 'order.created', { subject: row.id, eventId, data });
    },
    emit: (event) => emit(trx, 'order.created', event),
    nested: (run) => trx.transaction((inner) => run(scopeOf(inner))),
  });

  return {
    transaction: (run) => knex.transaction((trx) => run(scopeOf(trx))),
    // @ts-expect-error an instance is no transaction
    emitOutside: (event) => emit(knex, 'order.created', event),
    close: () => knex.destroy(),
  };
}
