import knexOf from 'knex';
import type { Handlers } from './handlers.ts';

interface OrderRow {
  id: string;
  number: string;
}

export function open(url: string): Handlers {
  const knex = knexOf({ client: 'pg', connection: url });
  const fixed = { total: '1.00', placed_at: new Date(), details: {} };
  async function insertOrder(number: string) {
    const [inserted] = await knex<OrderRow>('orders')
      .insert({ ...fixed, number })
      .returning('*');
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
      const [placed] = await knex<OrderRow>('orders')
        .insert({ ...fixed, number })
        .returning('*');
      return placed;
    },
    async placeChecked(number, check) {
      const trx = await knex.transaction();
      try {
        const [placed] = await trx<OrderRow>('orders')
          .insert({ ...fixed, number })
          .returning('*');
        check();
        if (!placed) throw new Error('not placed');
        await trx.commit();
        return placed;
      } catch (error) {
        await trx.rollback();
        throw error;
      }
    },
    async ship(id) {
      const [shipped] = await knex<OrderRow>('orders')
        .where({ id })
        .update({ number: `shipped ${id}` }, '*');
      return shipped;
    },
    async cancel(id) {
      const count = await knex('orders').where({ id }).del();
      return count;
    },
    close: () => knex.destroy(),
  };
}
