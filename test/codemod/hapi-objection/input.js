'use strict';

const { Order } = require('./models');

module.exports = {
    method: 'POST',
    path: '/orders',
    options: {
        handler: async (request, h) => {

            const order = await Order.query().insert(request.payload);

            return h.response(order).code(201);
        }
    }
};
