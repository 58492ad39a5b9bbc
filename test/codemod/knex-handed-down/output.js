const express = require('express')
const { removeOrder } = require('./input-orders')
const { events } = require('./events/setup')
const knex = require('./input-knex')

const router = express.Router()

router.delete('/:id', async (req, res) => {
  const { id } = req.params
  const removed = await knex.transaction(async (trx) => {
    const removed = await removeOrder(id, trx)
    if (removed) {
      await events.emit(trx, 'order.deleted', { subject: id, data: { id } })
    }
    return removed
  })
  res.sendStatus(removed ? 204 : 404)
})

router.delete('/admin/:id', async (req, res) => {
  const id = Number(req.params.id)
  await knex.transaction(async (trx) => {
    const result = await removeOrder(id, trx)
    if (result) {
      await events.emit(trx, 'order.removed', { subject: id, data: { id } })
    }
  })
  res.sendStatus(204)
})

module.exports = router
