import { Router } from 'express';
import { Pool } from 'pg';

const pool = new Pool();
export const orders = Router();

orders.post('/', async (req, res) => {
  const { rows } = await pool.query('insert into orders (total) values ($1) returning *', [req.body.total]);
  res.status(201).json(rows[0]);
});

orders.put('/:id', async (req, res) => {
  const { rows } = await pool.query('update orders set total = $1 where id = $2 returning *', [
    req.body.total,
    req.params.id,
  ]);
  if (rows.length === 0) {
    res.sendStatus(404);
    return;
  }
  res.json(rows[0]);
});
