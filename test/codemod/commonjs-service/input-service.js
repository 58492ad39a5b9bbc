const { withTransaction } = require('./input-transaction');

exports.placeOrder = async (input) => {
  return withTransaction(async (client) => {
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [input.total]);
    return order;
  });
};
