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
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    const order = await runner.manager.save(Order, req.body as Partial<Order>);
    await runner.commitTransaction();
    return res.status(201).json(order);
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
});
