import { Router } from 'express';
import { Entity, type DataSource, type Repository } from 'typeorm';

@Entity()
class Category {
  category_id!: number;
  name!: string;
}

declare const dataSource: DataSource;
declare const repository: Repository<Category>;
export const categories = Router();

categories.post('/', async (req, res) => {
  const category = await repository.save(repository.create(req.body as Partial<Category>));
  res.status(201).json(category);
});
