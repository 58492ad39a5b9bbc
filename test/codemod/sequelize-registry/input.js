module.exports = async function (app) {
    app.post('/', async (request, reply) => {
        const order = await app.db.models.Order.create({
            total: request.body.total
        })
        reply.send(order)
    })
}
