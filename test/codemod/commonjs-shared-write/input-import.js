const { placeOrder } = require('./input-service');

async function importOrders(lines) {
  for (const line of lines) await placeOrder(line);
}

module.exports = { importOrders };
