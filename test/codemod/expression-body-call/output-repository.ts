import type { PoolClient } from 'pg';
import { events } from './events/setup.js';

export async function insertOrder(db: PoolClient, total: number) {
  const { rows } = await db.query('insert into orders (total) values ($1) returning *', [total]);
  await events.emit(db, 'order.created', { subject: rows[0].id, data: rows[0] });
  return rows[0];
}
