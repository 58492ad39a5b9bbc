import { Pool } from 'pg';
import type { Handlers } from './handlers.ts';

const INSERT =
  'insert into orders (number, total, placed_at, details) values ($1, $2, now(), $3) returning *';

export function open(url: string): Handlers {
  const pool = new Pool({ connectionString: url });
  return {
    async place(number) {
      const { rows } = await pool.query<{ id: string }>(INSERT, [number, '1.00', '{}']);
      return rows[0];
    },
    async placeChecked(number, check) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const { rows } = await client.query<{ id: string }>(INSERT, [number, '1.00', '{}']);
        check();
        await client.query('COMMIT');
        return rows[0];
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    async ship(id) {
      const sql = "update orders set note = 'shipped' where id = $1 returning *";
      const { rows } = await pool.query<{ id: string }>(sql, [id]);
      return rows[0];
    },
    async cancel(id) {
      const result = await pool.query<{ id: string }>('delete from orders where id = $1 returning *', [id]);
      return result.rowCount;
    },
    close: () => pool.end(),
  };
}
