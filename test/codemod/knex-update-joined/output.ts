import { Router } from 'express';
import type { Knex } from 'knex';
import { events } from './events/setup.js';

declare const knex: Knex;
export const roles = Router();

roles.patch('/:id', async (req, res) => {
	await knex.transaction(async (trx) => {
		const [role] = await trx('roles').where({ id: req.params.id }).update(req.body).returning('*')
		await trx('audit').insert({ role_id: req.params.id })
		if (role) {
			await events.emit(trx, 'role.updated', { subject: role.id, data: role })
		}
	})
	res.sendStatus(204)
})
