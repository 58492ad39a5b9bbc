import { Router } from 'express';
import type { Kysely } from 'kysely';

interface Database {
  articles: { id: string; title: string };
  favorites: { article_id: string; user_id: string };
}

declare const db: Kysely<Database>;
export const articles = Router();

articles.delete('/:id/favorite', async (req, res) => {
  const article = await db.selectFrom('articles').selectAll().where('id', '=', req.params.id).executeTakeFirst();
  if (!article) return res.sendStatus(404);
  await db.deleteFrom('favorites').where('article_id', '=', article.id).execute();
  return res.json(article);
});
