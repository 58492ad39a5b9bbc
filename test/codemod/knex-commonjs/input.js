const knex = require("./knex");

async function create(params) {
  let [order] = await knex("orders").insert({
    total: params.total,
  }, "*");

  return order;
}

module.exports = { create };
