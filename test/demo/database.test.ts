import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedDatabase, type DemoDatabase } from '../../src/demo/database.ts';

let database: DemoDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await startEmbeddedDatabase();
  pool = new Pool({ connectionString: database.url, max: 8 });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

/** @see https://github.com/electric-sql/pglite/issues/1046 */
it('keeps the queries of concurrent connections apart', async () => {
  const asked = Array.from({ length: 200 }, (_, index) => index);
  const answers = await Promise.all(
    asked.map(async (index) => {
      // Statements that differ in their parameters, so that a mix-up cannot go unnoticed.
      const columns = Array.from({ length: (index % 5) + 1 }, (_, n) => `$${n + 1}::int as c${n}`);
      const { rows } = await pool.query<{ c0: number }>(
        `select ${columns.join(', ')}`,
        columns.map(() => index),
      );
      return rows[0]?.c0;
    }),
  );
  expect(answers).toEqual(asked);
});

it('goes on after a connection that went away in the middle of a transaction', async () => {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('create table never (id int)');
  client.release(true);
  const { rows } = await pool.query(`select to_regclass('never') as found`);
  expect(rows).toEqual([{ found: null }]);
});
