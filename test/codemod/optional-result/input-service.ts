import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

export async function closeOrder(id: string): Promise<{ id: number } | undefined> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query('update orders set closed = true where id = $1 returning *', [id]);
    return rows[0];
  });
}
