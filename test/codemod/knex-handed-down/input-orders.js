const knex = require('./input-knex')

async function removeOrder(id) {
  return knex('orders').where({ id }).delete()
}

module.exports = { removeOrder }
