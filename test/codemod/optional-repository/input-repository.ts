import type { PoolClient } from 'pg';

export class OrderRepository {
  async close(client: PoolClient, id: string): Promise<{ id: number } | undefined> {
    const result = await client.query('update orders set closed = true where id = $1 returning *', [id]);
    return result.rows[0];
  }
}
