import { Router } from 'express';
import { pool } from './pool.js';
import { events } from './events/setup.js';
import { inTransaction } from './events/stores/in-transaction.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const { rows } = await inTransaction(pool, async (client) => {
    const result = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await events.emit(client, 'order.created', { subject: result.rows[0].id, data: result.rows[0] });
    return result;
  });
  res.status(201).json(rows[0]);
});
