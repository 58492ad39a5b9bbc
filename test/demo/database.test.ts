import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedDatabase, type DemoDatabase } from '../../src/demo/database.ts';
import { repositoryRoot } from '../helpers/exec.ts';

const run = promisify(execFile);

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

/**
 * Runs as a process of its own: in this one, client and server take turns and nothing is ever concurrent.
 * The statements differ in their parameters, so that a mix-up cannot go unnoticed.
 */
const QUERIES = `
  import { Pool } from 'pg';
  const pool = new Pool({ connectionString: process.argv[1], max: 8 });
  const ask = async (client, index) => {
    const columns = Array.from({ length: (index % 5) + 1 }, (_, n) => '$' + (n + 1) + '::int as c' + n);
    const { rows } = await client.query('select ' + columns.join(', '), columns.map(() => index));
    if (rows[0].c0 !== index) throw new Error(rows[0].c0 + ' is the answer to another question');
  };
  const inTransaction = async (index) => {
    const client = await pool.connect();
    await client.query('begin');
    await ask(client, index);
    await client.query('commit');
    client.release();
  };
  const run = (index) => (index % 4 === 0 ? inTransaction(index) : ask(pool, index));
  await Promise.all(Array.from({ length: 500 }, (_, index) => run(index)));
  await pool.end();
`;

/** @see https://github.com/electric-sql/pglite/issues/1046 */
it('keeps the queries of concurrent connections apart', async () => {
  const customer = () =>
    run(process.execPath, ['--input-type=module', '--eval', QUERIES, database.url], { cwd: repositoryRoot });
  const ended = await Promise.all([customer(), customer()]);
  expect(ended.map(({ stderr }) => stderr)).toEqual(['', '']);
});

it('goes on after a connection that went away in the middle of a transaction', async () => {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('create table never (id int)');
  client.release(true);
  const { rows } = await pool.query(`select to_regclass('never') as found`);
  expect(rows).toEqual([{ found: null }]);
});
