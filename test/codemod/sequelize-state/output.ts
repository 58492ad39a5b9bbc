import { Router } from 'express';
import { Model, type Transaction } from 'sequelize';
import { events } from './events/setup.js';

class Order extends Model {
  declare id: number;
}

export async function create(ctx: { state: { transaction: Transaction }; body: unknown }) {
  const { transaction } = ctx.state;
  const order = await Order.create({ total: 1 }, { transaction });
  await events.emit(transaction, 'order.created', { subject: order.id, data: order });
  ctx.body = { data: order.id };
}
