import { Router } from 'express';
import { Entity, type Repository } from 'typeorm';
import { events } from './events/setup.js';

@Entity()
class Article {
  id!: string;
  title!: string;
}

@Entity()
class Favorite {
  articleId!: string;
  userId!: string;
}

declare const articleRepository: Repository<Article>;
declare const favoriteRepository: Repository<Favorite>;
export const articles = Router();

articles.delete('/:id/favorite', async (req, res) => {
  const article = await articleRepository.findOneBy({ id: req.params.id });
  if (!article) return res.sendStatus(404);
  await favoriteRepository.manager.transaction(async (manager) => {
    const result = await manager.withRepository(favoriteRepository).delete({ articleId: article.id, userId: String(req.body.user) });
    if (result.affected) {
      await events.emit(manager, 'article.unfavorited', { subject: article.id, data: article });
    }
  });
  return res.json(article);
});
