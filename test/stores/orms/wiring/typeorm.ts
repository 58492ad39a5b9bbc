import { DataSource, EntitySchema } from 'typeorm';
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
  name: 'Order',
  target: Order,
  tableName: 'orders',
  columns: {
    id: { type: 'bigint', primary: true, generated: true },
    number: { type: 'text', unique: true },
    total: { type: 'numeric', precision: 12, scale: 2 },
    note: { type: 'text', nullable: true },
    placedAt: { name: 'placed_at', type: 'timestamptz' },
    details: { type: 'jsonb' },
  },
});

export async function open(url: string): Promise<Handlers> {
  const dataSource = new DataSource({ type: 'postgres', url, entities: [orderSchema] });
  await dataSource.initialize();
  const repository = dataSource.getRepository(Order);
  const fixed = { total: '1.00', note: null, placedAt: new Date(), details: {} };
  return {
    async place(number) {
      return repository.save(repository.create({ ...fixed, number }));
    },
    async placeChecked(number, check) {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      try {
        const placed = await runner.manager.save(Order, { ...fixed, number });
        check();
        await runner.commitTransaction();
        return placed;
      } catch (error) {
        await runner.rollbackTransaction();
        throw error;
      } finally {
        await runner.release();
      }
    },
    async ship(id) {
      const order = await repository.findOneBy({ id });
      if (!order) return null;
      order.note = 'shipped';
      await repository.save(order);
      return order;
    },
    async cancel(id) {
      const result = await repository.delete({ id });
      return result.affected;
    },
    close: () => dataSource.destroy(),
  };
}
