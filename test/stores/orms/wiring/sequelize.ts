import { DataTypes, Model, Sequelize } from 'sequelize';
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import type { Handlers } from './handlers.ts';

class Order extends Model<InferAttributes<Order>, InferCreationAttributes<Order>> {
  declare id: CreationOptional<string>;
  declare number: string;
  declare total: string;
  declare note: string | null;
  declare placedAt: Date;
  declare details: object;
}

export function open(url: string): Handlers {
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
  const fixed = { total: '1.00', note: null, placedAt: new Date(), details: {} };
  return {
    async place(number) {
      const placed = await Order.create({ ...fixed, number });
      return placed;
    },
    async placeChecked(number, check) {
      const transaction = await sequelize.transaction();
      try {
        const placed = await Order.create({ ...fixed, number }, { transaction });
        check();
        await transaction.commit();
        return placed;
      } catch (error) {
        await transaction.rollback().catch(() => undefined);
        throw error;
      }
    },
    async ship(id) {
      const order = await Order.findByPk(id);
      if (!order) return null;
      await order.update({ note: 'shipped' });
      return order;
    },
    async cancel(id) {
      return await Order.destroy({ where: { id } });
    },
    close: () => sequelize.close(),
  };
}
