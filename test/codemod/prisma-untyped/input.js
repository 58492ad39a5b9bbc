const { prisma } = require('./client')

exports.create = async (req, res) => {
  const order = await prisma.order.create({ data: req.body })
  res.status(201).json(order)
}
