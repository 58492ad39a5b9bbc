import { Router } from 'express'
import { pool } from './pool.js'

export const orders = Router()

orders.post('/', async function (req, res) {
	const db = await pool.connect()
	try {
		await db.query('begin')
		const result = await db.query('insert into orders (total) values ($1) returning *', [req.body.total])
		await db.query('commit')
		res.json(result.rows[0])
	} catch (error) {
		await db.query('rollback')
		throw error
	} finally {
		db.release()
	}
})
