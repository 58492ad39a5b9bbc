import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const roles = Router();

roles.patch('/:id', async (req, res) => {
  const role = await knex.transaction(async (trx) => { const [role] = await trx('roles').where({ id: req.params.id }).update(req.body).returning('*'); return role; });
  res.json(role);
});
