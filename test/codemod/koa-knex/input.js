const Router = require('@koa/router')
const knex = require('./knex')

const router = new Router()

router.post('/orders', async (ctx) => {
	const [order] = await knex('orders').insert(ctx.request.body).returning('*')
	ctx.status = 201
	ctx.body = order
})

module.exports = router
