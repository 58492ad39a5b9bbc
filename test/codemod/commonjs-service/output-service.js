const { withTransaction } = require('./input-transaction');
const { events } = require('./events/setup');

exports.placeOrder = async (input) => {
  return withTransaction(async (client) => {
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [input.total]);
    await events.emit(client, 'order.created', { subject: order.id, data: order });
    return order;
  });
};
