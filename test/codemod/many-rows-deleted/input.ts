import { Router } from 'express';
import { pool } from './pool.js';

export const sessions = Router();

sessions.delete('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const deleted = await client.query('delete from sessions where user_id = $1 returning id', [req.body.userId]);
    await client.query('COMMIT');
    return res.json({ count: deleted.rowCount });
  } catch (error) {
    await client.query('ROLLBACK');
    return res.status(500).json({ error: 'failed' });
  } finally {
    client.release();
  }
});
