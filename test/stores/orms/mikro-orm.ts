// Services are typed by that of the core as often as by that of the driver.
import type { EntityManager } from '@mikro-orm/core';
import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { mikroOrmTarget } from '../../../src/stores/mikro-orm.ts';
import type { MikroOrmTx } from '../../../src/stores/mikro-orm.ts';
import { DETAILS, Order, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

const orderSchema = new EntitySchema<Order>({
  class: Order,
  tableName: 'orders',
  properties: {
    id: { type: 'bigint', primary: true, autoincrement: true },
    number: { type: 'text', unique: true },
    total: { type: 'decimal', precision: 12, scale: 2, runtimeType: 'string' },
    note: { type: 'text', nullable: true },
    placedAt: { type: 'Date', fieldName: 'placed_at' },
    details: { type: 'json' },
  },
});

export async function openMikroOrm({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  const orm = await MikroORM.init({ clientUrl: url, entities: [orderSchema] });
  const { emit } = emitterFor<MikroOrmTx>(mikroOrmTarget);

  const scopeOf = (em: EntityManager): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const order = em.create(Order, values as never);
      // Its id comes from the database.
      await em.persistAndFlush(order);
      return emit(em, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(em, 'order.created', event),
    nested: (run) => em.transactional((inner) => run(scopeOf(inner))),
  });

  return {
    transaction: (run) => orm.em.fork().transactional((em) => run(scopeOf(em))),
    emitOutside: (event) => emit(orm.em.fork(), 'order.created', event),
    close: () => orm.close(),
  };
}
