import type { PoolClient } from 'pg';

export async function insertOrder(db: PoolClient, total: number) {
  const { rows } = await db.query('insert into orders (total) values ($1) returning *', [total]);
  return rows[0];
}
