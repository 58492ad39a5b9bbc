import { Router } from 'express'
import { pool, withTransaction } from './input-db.js'

export const orders = Router()

export const move = (from: string, to: string) =>
	withTransaction(async (client) => {
		await client.query('update stock set count = count - 1 where id = $1', [from])
		await client.query('update stock set count = count + 1 where id = $1', [to])
	})

orders.post('/', async (req, res) => {
	const result = await pool.query('insert into orders (total) values ($1) returning *', [req.body.total])
	res.status(201).json(result.rows[0])
})
