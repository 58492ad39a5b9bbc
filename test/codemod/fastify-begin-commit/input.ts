import fp from 'fastify-plugin'

export default fp(async (fastify) => {
	fastify.route({
		method: 'POST',
		url: '/orders',
		handler: async function create(request, reply) {
			const client = await fastify.pg.connect()
			try {
				await client.query('BEGIN')
				const { rows } = await client.query('insert into orders (total) values ($1) returning *', [request.body.total])
				const order = rows[0]
				await client.query('COMMIT')
				return reply.code(201).send(order)
			} catch (error) {
				await client.query('ROLLBACK')
				throw error
			} finally {
				client.release()
			}
		},
	})
})
