import { Router } from 'express';
import { Pool } from 'pg';
import { inTransaction } from './events/stores/in-transaction.js';

const pool = new Pool();
export const orders = Router();

orders.post('/', async (req, res) => {
  const order = await inTransaction(pool, async (client) => {
    const { rows } = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await client.query('insert into audit_log (order_id) values ($1)', [rows[0].id]);
    return rows[0];
  });
  res.status(201).json(order);
});
