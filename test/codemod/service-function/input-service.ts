import { pool } from './pool.js';
import { withTransaction } from './input-transaction.js';

interface Order {
  id: number;
  total: number;
}

export async function placeOrder(input: { total: number }): Promise<Order> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Order>('insert into orders (total) values ($1) returning *', [input.total]);
    const [order] = rows;
    await client.query('insert into audit (order_id) values ($1)', [order.id]);
    return order;
  });
}
