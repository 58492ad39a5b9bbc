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

orders.post('/', async (req, res) => {
  const order = await repository.save(repository.create(req.body as Partial<Order>));
  res.status(201).json(order);
});
