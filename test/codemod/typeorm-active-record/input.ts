import { Router } from 'express';
import { BaseEntity, Entity } from 'typeorm';

@Entity()
class Order extends BaseEntity {
  id!: string;
  total!: number;
}

export const orders = Router();

orders.post('/', async (req, res) => {
  const order = new Order();
  order.total = req.body.total;
  await order.save();
  res.status(201).json(order);
});
