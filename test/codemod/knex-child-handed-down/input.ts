import { Router } from 'express';
import type { Knex } from 'knex';

declare const knex: Knex;
export const articles = Router();

async function removeFavorites(articleId: string): Promise<void> {
  await knex('favorites').where({ article_id: articleId }).del();
}

articles.delete('/:id/favorite', async (req, res) => {
  const article = await knex('articles').where({ id: req.params.id }).first();
  if (!article) return res.sendStatus(404);
  await removeFavorites(article.id);
  return res.json(article);
});

articles.delete('/:id/favorites', async (req, res) => {
  await removeFavorites(String(req.params.id));
  return res.sendStatus(204);
});
