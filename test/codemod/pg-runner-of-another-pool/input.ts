import { Router } from 'express';
import { Pool } from 'pg';
import { pool as main } from './input-db.js';

const archive = new Pool({ database: 'archive' });
export const orders = Router();

orders.post('/', async (req, res) => {
  const { rows } = await archive.query('insert into orders (total) values ($1) returning *', [req.body.total]);
  await main.query('select 1');
  res.status(201).json(rows[0]);
});
