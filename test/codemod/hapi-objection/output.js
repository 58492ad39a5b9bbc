'use strict';

const { Order } = require('./models');
const { events } = require('./events/setup.js');

module.exports = {
    method: 'POST',
    path: '/orders',
    options: {
        handler: async (request, h) => {

            const order = await Order.transaction(async (trx) => {
                const order = await Order.query(trx).insert(request.payload);
                await events.emit(trx, 'order.created', { subject: order.id, data: order });
                return order;
            });

            return h.response(order).code(201);
        }
    }
};
