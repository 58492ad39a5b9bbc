const { events } = require('./events/setup')

module.exports = async function (app) {
    app.put('/:id', async (request, reply) => {
        const order = await app.db.models.Order.byId(request.params.id)
        order.total = request.body.total
        await order.sequelize.transaction(async (transaction) => {
            await order.save({ transaction })
            await events.emit(transaction, 'order.updated', { subject: order.id, data: order })
        })
        reply.send({ id: order.id })
    })
}
