import { DataTypes, Model, Sequelize } from 'sequelize';
import type { CreationOptional, InferAttributes, InferCreationAttributes, Transaction } from 'sequelize';
import { sequelizeTarget } from '../../../src/stores/sequelize.ts';
import type { SequelizeTx } from '../../../src/stores/sequelize.ts';
import { DETAILS, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

class Order extends Model<InferAttributes<Order>, InferCreationAttributes<Order>> {
  declare id: CreationOptional<string>;
  declare number: string;
  declare total: string;
  declare note: string | null;
  declare placedAt: Date;
  declare details: object;
}

export async function openSequelize({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  const sequelize = new Sequelize(url, { dialect: 'postgres', logging: false });
  Order.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      number: { type: DataTypes.TEXT, unique: true },
      total: DataTypes.DECIMAL(12, 2),
      note: { type: DataTypes.TEXT, allowNull: true },
      placedAt: { type: DataTypes.DATE, field: 'placed_at' },
      details: DataTypes.JSONB,
    },
    { sequelize, tableName: 'orders', timestamps: false },
  );
  const { emit } = emitterFor<SequelizeTx>(sequelizeTarget);

  const scopeOf = (transaction: Transaction): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const order = await Order.create(values, { transaction });
      return emit(transaction, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(transaction, 'order.created', event),
    nested: (run) => sequelize.transaction({ transaction }, (inner) => run(scopeOf(inner))),
  });

  return {
    transaction: (run) => sequelize.transaction((transaction) => run(scopeOf(transaction))),
    // @ts-expect-error an instance is no transaction
    emitOutside: (event) => emit(sequelize, 'order.created', event),
    close: () => sequelize.close(),
  };
}
