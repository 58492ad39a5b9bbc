import { Router } from 'express';
import { pool } from './pool.js';

const begin = 'BEGIN';
const commit = 'COMMIT';

export const orders = Router();

orders.post('/', async (req, res) => {
  const client = await pool.connect();
  try { await client.query(begin); const { rows: [order] } = await client.query('insert into orders default values returning *'); await client.query(commit); res.json(order); } finally { client.release(); }
});
