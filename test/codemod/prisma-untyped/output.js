const { prisma } = require('./client')
const { events } = require('./events/setup')

exports.create = async (req, res) => {
  const order = await prisma.$transaction(async (tx) => {
    const order = await tx.order.create({ data: req.body })
    await events.emit(tx, 'order.created', { subject: order.id, data: order })
    return order
  })
  res.status(201).json(order)
}
