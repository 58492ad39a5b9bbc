import { EventEmitter } from 'node:events';
import got from 'got';
import { Sequelize } from 'sequelize';
import { Order } from './models';

const sequelize = new Sequelize('postgres://localhost');
const events = new EventEmitter();

export async function place(req, res) {
  const order = await sequelize.transaction(async (transaction) => {
    const created = await Order.create(req.body, { transaction });
    transaction.afterCommit(() => got.post('https://stock.example', { json: created }));
    transaction.afterCommit(() => events.emit('order.created', created));
    return created;
  });
  res.json(order);
}
