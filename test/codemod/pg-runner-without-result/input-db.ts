import { Pool, type PoolClient } from 'pg';

export const pool = new Pool();

export async function withTransaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  await client.query('BEGIN');
  await work(client);
  await client.query('COMMIT');
  client.release();
}
