import { Router } from 'express';
import { pool } from './pool.js';
import { events } from './events/setup.js';

export const orders = Router();

orders.patch('/:id', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const updated = await client.query('update orders set note = $2 where id = $1 returning *', [req.params.id, req.body.note]);
    if (updated.rowCount === 0) {
      await client.query('ROLLBACK');
      return res.sendStatus(404);
    }
    // nothing else to do

    await events.emit(client, 'order.updated', { subject: updated.rows[0].id, data: updated.rows[0] });
    // all good
    await client.query('COMMIT');
    return res.json(updated.rows[0]);
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
});
