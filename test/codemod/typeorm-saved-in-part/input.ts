import { Router } from 'express';
import { Entity, type Repository } from 'typeorm';

@Entity()
class Order {
  id!: string;
  total!: number;
  isFlagged!: boolean;
}

declare const repository: Repository<Order>;
export const orders = Router();

orders.patch('/:id', async (req, res) => {
  res.json(await repository.save({ id: String(req.params.id), isFlagged: true }));
});

orders.put('/:id', async (req, res) => {
  res.json(await repository.save({ id: String(req.params.id), total: 0 }));
});
