import { Router } from 'express';
import type { Kysely } from 'kysely';
import { events } from './events/setup.js';

interface Database {
  articles: { id: string; title: string };
  favorites: { article_id: string; user_id: string };
}

declare const db: Kysely<Database>;
export const articles = Router();

articles.delete('/:id/favorite', async (req, res) => {
  const article = await db.selectFrom('articles').selectAll().where('id', '=', req.params.id).executeTakeFirst();
  if (!article) return res.sendStatus(404);
  await db.transaction().execute(async (trx) => {
    const result = await trx.deleteFrom('favorites').where('article_id', '=', article.id).execute();
    if (result[0].numDeletedRows) {
      await events.emit(trx, 'article.unfavorited', { subject: article.id, data: article });
    }
  });
  return res.json(article);
});
