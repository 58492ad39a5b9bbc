import { Router } from 'express';
import { Pool } from 'pg';
import { pool as main } from './input-db.js';
import { events } from './events/setup.js';
import { inTransaction } from './events/stores/in-transaction.js';

const archive = new Pool({ database: 'archive' });
export const orders = Router();

orders.post('/', async (req, res) => {
  const { rows } = await inTransaction(archive, async (client) => {
    const result = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await events.emit(client, 'order.created', { subject: result.rows[0].id, data: result.rows[0] });
    return result;
  });
  await main.query('select 1');
  res.status(201).json(rows[0]);
});
