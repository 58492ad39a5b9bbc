import { Model, type Transaction } from 'sequelize';

class Order extends Model {
  declare id: number;
  declare total: number;
}

export async function perhaps(ctx: { context: { transaction?: Transaction }; body: unknown }) {
  const order = await Order.findByPk(1);
  if (!order) throw new Error('no order');
  await order.save(ctx.context);
  ctx.body = { success: true };
}

export async function given(ctx: { context: { transaction: Transaction }; body: unknown }) {
  const order = await Order.findByPk(1, ctx.context);
  if (!order) throw new Error('no order');
  await order.save(ctx.context);
  ctx.body = { success: true };
}

export async function branch(ctx: { transaction: Transaction; isCloud: boolean; body: unknown }) {
  const { transaction } = ctx;
  const order = await Order.findByPk(1, { transaction });
  if (!order) throw new Error('no order');
  if (ctx.isCloud) {
    await order.save({ transaction });
  }
  ctx.body = { success: true };
}

export async function where(id: number | undefined, total: number) {
  await Order.destroy({ where: { ...(id === undefined ? { total } : { id }) } });
}
