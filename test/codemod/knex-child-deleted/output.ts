import { Router } from 'express';
import type { Knex } from 'knex';
import { events } from './events/setup.js';

declare const knex: Knex;
export const articles = Router();

articles.delete('/:id/favorite', async (req, res) => {
  const article = await knex('articles').where({ id: req.params.id }).first();
  const deleted = await knex.transaction(async (trx) => {
    const result = await trx('favorites').where({ article_id: article.id, user_id: req.body.user }).del();
    if (result) {
      await events.emit(trx, 'article.unfavorited', { subject: article.id, data: article });
    }
    return result;
  });
  return res.json({ article, deleted });
});
