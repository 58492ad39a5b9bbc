const { Model } = require('sequelize');

class Order extends Model {}

module.exports.register = (app) => {
  app.post('/orders', async (request, reply) => {
    let order = await app.repositories.orders.find(request.body.id);
    if (order) {
      order.total = request.body.total;
      await order.save();
    } else {
      order = await Order.create(request.body);
    }
    reply.send(order);
  });
};
