import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const roles = Router();

roles.patch('/:id', async (req, res) => {
	await knex.transaction(async (trx) => {
		const [role] = await trx('roles').where({ id: req.params.id }).update(req.body).returning('*')
		await trx('audit').insert({ role_id: req.params.id })
	})
	res.sendStatus(204)
})
