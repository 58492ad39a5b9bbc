import { createFactory } from 'hono/factory';
import { pool } from './pool.js';

const factory = createFactory();

export const createOrder = factory.createHandlers(async (c) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: [order] } = await client.query('insert into orders (total) values ($1) returning *', [c.req.query('total')]);
    await client.query('insert into audit (what) values ($1)', ['order']);
    await client.query('COMMIT');
    return c.json(order, 201);
  } catch (error) {
    await client.query('ROLLBACK');
    return c.json({ error: 'failed' }, 500);
  } finally {
    client.release();
  }
});
