import { Router } from 'express';
import { Model, type Transaction } from 'sequelize';

class Order extends Model {
  declare id: number;
}

export async function create(ctx: { state: { transaction: Transaction }; body: unknown }) {
  const { transaction } = ctx.state;
  const order = await Order.create({ total: 1 }, { transaction });
  ctx.body = { data: order.id };
}
