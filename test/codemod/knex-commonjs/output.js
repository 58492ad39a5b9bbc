const knex = require("./knex");
const { events } = require("./events/setup");

async function create(params) {
  let order = await knex.transaction(async (trx) => {
    const [order] = await trx("orders").insert({
      total: params.total,
    }, "*");
    await events.emit(trx, "order.created", { subject: order.id, data: order });
    return order;
  });

  return order;
}

module.exports = { create };
