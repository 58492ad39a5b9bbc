import { Pool, type PoolClient } from 'pg';

export class Database {
  private readonly pool = new Pool();

  query(text: string, values: unknown[]) {
    return this.pool.query(text, values);
  }

  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
}
