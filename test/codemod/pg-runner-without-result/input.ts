import { Router } from 'express';
import { pool } from './input-db.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const { rows } = await pool.query('insert into orders (total) values ($1) returning *', [req.body.total]);
  res.status(201).json(rows[0]);
});
