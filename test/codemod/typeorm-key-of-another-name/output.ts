import { Router } from 'express';
import { Entity, type DataSource, type Repository } from 'typeorm';
import { events } from './events/setup.js';

@Entity()
class Category {
  category_id!: number;
  name!: string;
}

declare const dataSource: DataSource;
declare const repository: Repository<Category>;
export const categories = Router();

categories.post('/', async (req, res) => {
  const category = await repository.manager.transaction(async (manager) => {
    const category = await manager.withRepository(repository).save(repository.create(req.body as Partial<Category>));
    await events.emit(manager, 'category.created', { subject: category.category_id, data: category });
    return category;
  });
  res.status(201).json(category);
});
