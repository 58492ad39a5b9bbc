import { DataSource, EntitySchema } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { typeOrmTarget } from '../../../src/stores/typeorm.ts';
import type { TypeOrmTx } from '../../../src/stores/typeorm.ts';
import { DETAILS, Order, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

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

export async function openTypeOrm(shop: Shop): Promise<OpenedOrm> {
  return opened(shop, (dataSource, run) => dataSource.transaction(run));
}

/** Transactions that are begun and ended by hand; `emit` then takes the query runner. */
export async function openTypeOrmQueryRunner(shop: Shop): Promise<OpenedOrm> {
  return opened(shop, async (dataSource, run) => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await run(runner.manager);
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  });
}

async function opened(
  { url, emitterFor }: Shop,
  transaction: (dataSource: DataSource, run: (manager: EntityManager) => Promise<void>) => Promise<void>,
): Promise<OpenedOrm> {
  const dataSource = new DataSource({ type: 'postgres', url, entities: [orderSchema] });
  await dataSource.initialize();
  const { emit } = emitterFor<TypeOrmTx>(typeOrmTarget);

  const scopeOf = (manager: EntityManager): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const order = await manager.save(manager.create(Order, values));
      return emit(manager, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(manager.queryRunner ?? manager, 'order.created', event),
    nested: (run) => manager.transaction((inner) => run(scopeOf(inner))),
  });

  return {
    transaction: (run) => transaction(dataSource, (manager) => run(scopeOf(manager))),
    // The manager of a data source has the type of one in a transaction.
    emitOutside: (event) => emit(dataSource.manager, 'order.created', event),
    close: () => dataSource.destroy(),
  };
}
