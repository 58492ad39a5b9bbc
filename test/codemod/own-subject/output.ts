import { Router } from 'express';
import { pool } from './pool.js';
import { events } from './events/setup.js';

interface DiscountRow {
  code: string;
  percent_off: number;
}

export const discounts = Router();

discounts.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [data] } = await client.query<DiscountRow>('insert into discounts (code) values ($1) returning *', [req.body.code]);
    await events.emit(client, 'discount.created', { subject: data.code, data });
    await client.query('COMMIT');
    res.status(201).send(data);
  } finally {
    client.release();
  }
});
