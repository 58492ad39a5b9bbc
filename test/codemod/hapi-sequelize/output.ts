import type { Server } from '@hapi/hapi';
import { Model, type Sequelize } from 'sequelize';
import { events } from './events/setup.js';

class Order extends Model {
  declare id: number;
  declare total: number;
}

declare const sequelize: Sequelize;

export function register(server: Server) {
  server.route({
    method: 'POST',
    path: '/orders',
    async handler(request, h) {
      const order = await sequelize.transaction(async (transaction) => {
        const order = await Order.create(request.payload, { transaction });
        await events.emit(transaction, 'order.created', { subject: order.id, data: order });
        return order;
      });
      return h.response(order).code(201);
    },
  });
}
