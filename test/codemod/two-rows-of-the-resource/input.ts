import { Router } from 'express';
import { pool } from './pool.js';

export const orders = Router();

orders.post('/:id/split', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [kept] } = await client.query('update orders set total = $2 where id = $1 returning *', [req.params.id, 1]);
    const { rows: [added] } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await client.query('COMMIT');
    res.json({ kept, added });
  } finally {
    client.release();
  }
});
