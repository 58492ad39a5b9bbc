const { Router } = require('express');
const pool = require('./pool');
const { events } = require('./events/setup');
const { inTransaction } = require('./events/stores/in-transaction');

const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { rowCount } = await inTransaction(pool, async (client) => {
    const result = await client.query('delete from orders where id = $1', [req.params.id])
    if (result.rowCount) {
      await events.emit(client, 'order.deleted', { subject: req.params.id, data: { id: req.params.id } })
    }
    return result
  })
  res.sendStatus(rowCount === 0 ? 404 : 204)
})

module.exports = orders
