const knex = require('./input-knex')

async function removeOrder(id, client = knex) {
  return client('orders').where({ id }).delete()
}

module.exports = { removeOrder }
