import { Router } from 'express';
import { pool } from './pool.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('insert into orders (total) values ($1) returning id, "createdAt" as created', [req.body.total]);
    await client.query('COMMIT');
    res.status(201).json({ id: rows[0].id, total: req.body.total });
  } finally {
    client.release();
  }
});
