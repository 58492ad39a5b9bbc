const knex = require("./knex");
const { events } = require("./events/setup");

async function create(params) {
  return knex.transaction(async (trx) => {
    let [order] = await trx("orders").insert({
      total: params.total,
    }, "*");
    await events.emit(trx, "order.created", { subject: order.id, data: order });

    return order;
  });
}

module.exports = { create };
