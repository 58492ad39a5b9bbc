import { Router } from 'express';
import { Entity, type DataSource, Repository } from 'typeorm';

@Entity()
class Order {
  id!: string;
  total!: number;
}

declare const dataSource: DataSource;
declare class OrderRepository extends Repository<Order> {
  open(): Promise<Order[]>;
}
declare const repository: OrderRepository;
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await repository.save(repository.create(req.body as Partial<Order>));
  res.status(201).json(order);
});
