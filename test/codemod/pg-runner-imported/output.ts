import { Router } from 'express'
import { pool, withTransaction } from './input-db.js'
import { events } from './events/setup.js'

export const orders = Router()

export const move = (from: string, to: string) =>
	withTransaction(async (client) => {
		await client.query('update stock set count = count - 1 where id = $1', [from])
		await client.query('update stock set count = count + 1 where id = $1', [to])
	})

orders.post('/', async (req, res) => {
	const result = await withTransaction(async (client) => {
		const result = await client.query('insert into orders (total) values ($1) returning *', [req.body.total])
		await events.emit(client, 'order.created', { subject: result.rows[0].id, data: result.rows[0] })
		return result
	})
	res.status(201).json(result.rows[0])
})
