import { Router } from 'express';
import { Pool } from 'pg';
import { events } from './events/setup.js';
import { inTransaction } from './events/stores/in-transaction.js';

const pool = new Pool();
export const orders = Router();

orders.post('/', async (req, res) => {
  const { rows } = await inTransaction(pool, async (client) => {
    const result = await client.query('insert into orders (total) values ($1) returning *', [req.body.total]);
    await events.emit(client, 'order.placed', { subject: result.rows[0].id, data: result.rows[0] });
    return result;
  });
  res.status(201).json(rows[0]);
});

orders.put('/:id', async (req, res) => {
  const { rows } = await inTransaction(pool, async (client) => {
    const result = await client.query('update orders set total = $1 where id = $2 returning *', [
      req.body.total,
      req.params.id,
    ]);
    if (result.rows[0]) {
      await events.emit(client, 'order.updated', { subject: result.rows[0].id, data: result.rows[0] });
    }
    return result;
  });
  if (rows.length === 0) {
    res.sendStatus(404);
    return;
  }
  res.json(rows[0]);
});
