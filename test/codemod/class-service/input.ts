import { Router } from 'express';
import { OrderService } from './input-service.ts';
import { pool } from './pool.ts';

const service = new OrderService(pool);

export const orders = Router();

orders.post('/', async (req, res) => {
	res.status(201).json(await service.place(req.body));
});
