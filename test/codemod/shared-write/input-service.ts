import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

async function payOrder(id: string) {
  return withTransaction(pool, async (client) => {
    const { rows: [order] } = await client.query(`update orders set status = 'paid' where id = $1 returning *`, [id]);
    if (!order) throw new Error('not found');
    return order;
  });
}

export const service = { payOrder };
