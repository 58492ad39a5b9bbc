import { describe, expect, test } from 'vitest';
import { pgSql } from '../../src/stores/pg.ts';
import type { PgClient, PgPool } from '../../src/stores/pg.ts';
import { openPostgres } from '../helpers/databases.ts';
import { isMissing, postgres } from '../helpers/services.ts';

/** A pool of one client that fails where it is told to, and what was done with it. */
function poolThatFails(on: (text: string) => Error | undefined) {
  const statements: string[] = [];
  const releases: unknown[] = [];
  const query = (text: string): Promise<{ rows: [] }> => {
    statements.push(text);
    const error = on(text);
    return error === undefined ? Promise.resolve({ rows: [] }) : Promise.reject(error);
  };
  const client: PgClient = {
    query,
    on: () => client,
    off: () => client,
    release: (error) => void releases.push(error),
  };
  const pool: PgPool = { query, connect: () => Promise.resolve(client) };
  return { sql: pgSql(pool), statements, releases };
}

test('a transaction commits, and its client goes back to the pool', async () => {
  const { sql, statements, releases } = poolThatFails(() => undefined);
  expect(await sql.transaction((tx) => tx.query('select 1', []).then(() => 'result'))).toBe('result');
  expect(statements).toEqual([
    expect.stringMatching(/^begin isolation level read committed;/),
    'select 1',
    'commit',
  ]);
  expect(releases).toEqual([undefined]);
});

test('a failure rolls back, and the client stays usable', async () => {
  const failure = new Error('unique violation');
  const { sql, statements, releases } = poolThatFails((text) => (text === 'insert' ? failure : undefined));
  await expect(sql.transaction((tx) => tx.query('insert', []))).rejects.toBe(failure);
  expect(statements.at(-1)).toBe('rollback');
  expect(releases).toEqual([undefined]);
});

test('a client whose rollback fails is closed, and the first error is the one reported', async () => {
  const failure = new Error('connection terminated');
  const rollback = new Error('not queryable');
  const { sql, releases } = poolThatFails((text) =>
    text === 'commit' ? failure : text === 'rollback' ? rollback : undefined,
  );
  await expect(sql.transaction(() => Promise.resolve())).rejects.toBe(failure);
  expect(releases).toEqual([rollback]);
});

describe.skipIf(isMissing(postgres))('on a server', () => {
  test('a connection that the server ends between two statements fails the transaction, not the process', async () => {
    const database = await openPostgres();
    const transaction = database.sql.transaction(async (tx) => {
      const { rows } = await tx.query('select pg_backend_pid() as pid', []);
      await database.sql.query('select pg_terminate_backend($1)', [rows[0]?.['pid']]);
      // Until the end of the connection has arrived here.
      await new Promise((resolve) => setTimeout(resolve, 50));
      await tx.query('select 1', []);
    });
    await expect(transaction).rejects.toThrow(/not queryable|terminat/i);
    await expect(database.sql.query('select 1 as one', [])).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await database.close();
  });
});
