import { Router } from 'express';
import { Entity, type DataSource, type Repository } from 'typeorm';

@Entity()
class Order {
  id!: string;
  total!: number;
}

declare const dataSource: DataSource;
declare const repository: Repository<Order>;
export const orders = Router();

orders.delete('/:id', async (req, res) => {
  const { id } = req.params;
  const result = await repository.delete({ id });
  if (!result.affected) return res.sendStatus(404);
  return res.sendStatus(204);
});
