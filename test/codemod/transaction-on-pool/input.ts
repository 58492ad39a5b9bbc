import { Router } from 'express';
import { pool } from './pool.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  await pool.query('BEGIN');
  const { rows: [order] } = await pool.query('insert into orders (total) values ($1) returning *', [req.body.total]);
  await pool.query('COMMIT');
  res.status(201).json(order);
});
