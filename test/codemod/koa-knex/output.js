const Router = require('@koa/router')
const knex = require('./knex')
const { events } = require('./events/setup.js')

const router = new Router()

router.post('/orders', async (ctx) => {
	const order = await knex.transaction(async (trx) => {
		const [order] = await trx('orders').insert(ctx.request.body).returning('*')
		await events.emit(trx, 'order.created', { subject: order.id, data: order })
		return order
	})
	ctx.status = 201
	ctx.body = order
})

module.exports = router
