module.exports = async function (app) {
    app.put('/:id', async (request, reply) => {
        const order = await app.db.models.Order.byId(request.params.id)
        order.total = request.body.total
        await order.save()
        reply.send({ id: order.id })
    })
}
