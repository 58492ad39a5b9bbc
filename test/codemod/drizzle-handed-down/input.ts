import { Router } from 'express'
import { createOrder } from './input-orders.js'

export const orders = Router()

orders.post('/', async (req, res) => {
	const order = await createOrder(
		req.body.total,
		'placed',
	)
	res.status(201).json(order)
})

orders.post('/import', async (req, res) => {
	const order = await createOrder(req.body.total)
	res.status(201).json(order)
})
