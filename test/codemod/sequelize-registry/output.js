const { events } = require('./events/setup')

module.exports = async function (app) {
    app.post('/', async (request, reply) => {
        const order = await app.db.models.Order.sequelize.transaction(async (transaction) => {
            const order = await app.db.models.Order.create({
                total: request.body.total
            }, { transaction })
            await events.emit(transaction, 'order.created', { subject: order.id, data: order })
            return order
        })
        reply.send(order)
    })
}
