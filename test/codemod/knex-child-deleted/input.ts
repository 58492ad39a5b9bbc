import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const articles = Router();

articles.delete('/:id/favorite', async (req, res) => {
  const article = await knex('articles').where({ id: req.params.id }).first();
  const deleted = await knex('favorites').where({ article_id: article.id, user_id: req.body.user }).del();
  return res.json({ article, deleted });
});
