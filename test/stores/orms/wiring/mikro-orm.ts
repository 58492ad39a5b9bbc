import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import type { Handlers } from './handlers.ts';

class Order {
  id!: string;
  number!: string;
  total!: string;
  note!: string | null;
  placedAt!: Date;
  details!: object;
}

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

export async function open(url: string): Promise<Handlers> {
  const orm = await MikroORM.init({ clientUrl: url, entities: [orderSchema] });
  const fixed = { total: '1.00', note: null, placedAt: new Date(), details: {} };
  return {
    async place(number) {
      const em = orm.em.fork();
      const order = em.create(Order, { ...fixed, number });
      await em.persistAndFlush(order);
      return order;
    },
    async placeChecked(number, check) {
      const em = orm.em.fork();
      return em.transactional(async (em) => {
        const order = em.create(Order, { ...fixed, number });
        em.persist(order);
        check();
        return order;
      });
    },
    async ship(id) {
      const em = orm.em.fork();
      const order = await em.findOne(Order, { id });
      if (!order) return null;
      order.note = 'shipped';
      await em.flush();
      return order;
    },
    async cancel(id) {
      const em = orm.em.fork();
      const order = await em.findOne(Order, { id });
      if (!order) return null;
      await em.removeAndFlush(order);
      return order;
    },
    close: () => orm.close(),
  };
}
