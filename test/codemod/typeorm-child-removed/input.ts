import { Router } from 'express';
import { Entity, type Repository } from 'typeorm';

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
  const favorite = await favoriteRepository.findOneBy({ articleId: req.params.id });
  if (!article || !favorite) return res.sendStatus(404);
  await favoriteRepository.remove(favorite);
  return res.json(article);
});
