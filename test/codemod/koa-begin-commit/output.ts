import Router from '@koa/router';
import { pool } from './pool.js';
import { events } from './events/setup.js';

export const router = new Router({ prefix: '/orders' });

router.post('/', async (ctx, next) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const inserted = await client.query('insert into orders (total) values ($1) returning *', [ctx.request.body.total]);
    const order = inserted.rows[0];
    await events.emit(client, 'order.created', { subject: order.id, data: order });
    await client.query('COMMIT');
    ctx.body = order;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  await next();
});
