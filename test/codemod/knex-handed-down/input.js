const express = require('express')
const { removeOrder } = require('./input-orders')

const router = express.Router()

router.delete('/:id', async (req, res) => {
  const { id } = req.params
  const removed = await removeOrder(id)
  res.sendStatus(removed ? 204 : 404)
})

router.delete('/admin/:id', async (req, res) => {
  const id = Number(req.params.id)
  await removeOrder(id)
  res.sendStatus(204)
})

module.exports = router
