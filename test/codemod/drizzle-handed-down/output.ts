import { Router } from 'express'
import { createOrder } from './input-orders.js'
import { events } from './events/setup.js'
import { db } from './input-db.js'

export const orders = Router()

orders.post('/', async (req, res) => {
	const order = await db.transaction(async (tx) => {
		const order = await createOrder(
			req.body.total,
			'placed',
			tx,
		)
		await events.emit(tx, 'order.placed', { subject: order.id, data: order })
		return order
	})
	res.status(201).json(order)
})

orders.post('/import', async (req, res) => {
	const order = await createOrder(req.body.total)
	res.status(201).json(order)
})
