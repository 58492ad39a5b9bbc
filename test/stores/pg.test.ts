import { describe, expect, onTestFinished, test } from 'vitest';
import { Pool } from 'pg';
import { inTransaction } from '../../src/stores/in-transaction.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { singleStatement } from '../../src/stores/postgres/single-statement.ts';
import { pgPrepared, pgSql } from '../../src/stores/pg.ts';
import type { PgClient, PgPool } from '../../src/stores/pg.ts';
import { openPostgres } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
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
  test('a write and its event are there together, or neither is', async () => {
    const database = await openPostgres();
    onTestFinished(() => database.close());
    const pool = database.connect();
    await pool.query('create table notes (text text primary key)');
    const write = (text: string, check: () => void): Promise<string | undefined> =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ text: string }>('insert into notes values ($1) returning *', [
          text,
        ]);
        check();
        return rows[0]?.text;
      });
    const refusal = new Error('refused');
    expect(await write('kept', () => {})).toBe('kept');
    await expect(
      write('gone', () => {
        throw refusal;
      }),
    ).rejects.toBe(refusal);
    await expect(write('kept', () => {})).rejects.toThrow('duplicate key');
    expect((await pool.query('select text from notes')).rows).toEqual([{ text: 'kept' }]);
    expect({ all: pool.totalCount, idle: pool.idleCount }).toEqual({ all: 1, idle: 1 });
  });

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

  test('prepared, an event joins the transaction or the statement, and each text is planned once', async () => {
    const database = await openPostgres();
    const { log } = createEventStore(database.sql);
    const pool = new Pool({ connectionString: database.url, max: 1 });
    await pool.query('create table orders (id text primary key)');
    const client = await pool.connect();
    for (const end of ['commit', 'rollback']) {
      await client.query('begin');
      await log.append(pgPrepared(client), newEvent({ subject: end, isIdGiven: false }));
      await client.query(end);
    }
    client.release();
    for (const id of ['1', '2']) {
      const insert = singleStatement(pgPrepared(pool), 'insert into orders values ($1) returning id', [id]);
      expect(await log.append(insert, newEvent({ subject: id, isIdGiven: false }))).toBe(true);
      expect(insert.rows).toEqual([{ id }]);
    }
    const { rows } = await pool.query('select subject from evtgen.events order by insert_id');
    expect(rows.map((row: { subject: string }) => row.subject)).toEqual(['commit', '1', '2']);
    const prepared = await pool.query('select name, statement from pg_prepared_statements');
    expect(prepared.rows).toHaveLength(2);
    await pool.end();
    await database.close();
  });
});
