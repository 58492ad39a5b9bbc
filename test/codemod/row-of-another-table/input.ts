import { Router } from 'express';
import { pool } from './pool.js';

export const orders = Router();

orders.post('/:id/ship', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`update orders set status = 'shipped' where id = $1`, [req.params.id]);
    const { rows: [parcel] } = await client.query('insert into parcels (order_id) values ($1) returning *', [req.params.id]);
    await client.query('COMMIT');
    res.sendStatus(204);
  } finally {
    client.release();
  }
});
