import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { postgresJsSql, postgresJsTx } from '../../src/stores/postgres-js.ts';
import { openPostgres } from '../helpers/databases.ts';
import type { PostgresDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import { isMissing, postgres as server } from '../helpers/services.ts';

describe.skipIf(isMissing(server))('postgres.js', () => {
  let database: PostgresDatabase;
  beforeAll(async () => {
    database = await openPostgres();
  });
  afterAll(() => database.close());

  async function withClient<T>(
    options: postgres.Options<Record<string, postgres.PostgresType>>,
    run: (client: postgres.Sql) => Promise<T>,
  ): Promise<T> {
    const client = postgres(database.url, options);
    try {
      return await run(client);
    } finally {
      await client.end();
    }
  }

  test('a transaction gives what it resolves with, arrays too, and rolls back on a failure', async () => {
    await withClient({}, async (client) => {
      const sql = postgresJsSql(client);
      expect(await sql.transaction(() => Promise.resolve([Promise.resolve(1)]))).toEqual([
        expect.any(Promise),
      ]);
      await sql.transaction((tx) => tx.script('create table orders (id int); insert into orders values (1)'));
      const failure = new Error('the order is sold out');
      const failing = sql.transaction(async (tx) => {
        await tx.query('insert into orders values ($1)', [2]);
        throw failure;
      });
      await expect(failing).rejects.toBe(failure);
      expect((await sql.query('select id from orders', [])).rows).toEqual([{ id: 1 }]);
      const level = await sql.transaction((tx) => tx.query('show transaction_isolation', []));
      expect(level.rows).toEqual([{ transaction_isolation: 'read committed' }]);
    });
  });

  test("the caller's transaction is one to emit in: what it rolls back is gone", async () => {
    await withClient({}, async (client) => {
      const { log } = createEventStore(postgresJsSql(client));
      await client.begin(async (tx) => {
        await log.append(postgresJsTx(tx), newEvent({ eventId: 'kept' }));
        await tx
          .savepoint(async (savepoint) => {
            await log.append(postgresJsTx(savepoint), newEvent({ eventId: 'undone' }));
            throw new Error('undo');
          })
          .catch(() => undefined);
      });
      expect(await client`select event_id from evtgen.events`).toEqual([{ event_id: 'kept' }]);
    });
  });

  test('a client that renames columns and parses types in its own way changes nothing for the store', async () => {
    const transforms = { camel: postgres.camel, pascal: postgres.pascal, kebab: postgres.kebab };
    const types = {
      bigint: postgres.BigInt,
      date: { ...postgres.BigInt, to: 1184, from: [1082, 1114, 1184], serialize: String, parse: String },
    };
    for (const [style, transform] of Object.entries(transforms)) {
      await withClient({ transform, types }, async (client) => {
        const sql = postgresJsSql(client);
        const store = createEventStore(sql);
        const event = newEvent({});
        await client.begin((tx) => store.log.append(postgresJsTx(tx), event));
        const lease = await store.leases.acquire(`sequencer ${style}`, 'test', 60_000);
        if (lease === undefined) throw new Error('the lease is taken');
        const { head } = await store.log.stamp(lease, 10);
        const { actor: _actor, isIdGiven: _isIdGiven, ...logged } = event;
        expect(await store.log.read(head - 1, 10)).toEqual([{ ...logged, position: head }]);
      });
    }
  });

  test('no statement of the background work is named; one in which events are emitted follows the client', async () => {
    await withClient({ max: 1 }, async (client) => {
      const names = async (): Promise<unknown> => {
        const rows = await client.unsafe(
          `select count(*)::int as named from pg_prepared_statements where statement = 'select $1::int as one'`,
        );
        return rows[0]?.['named'];
      };
      await postgresJsSql(client).query('select $1::int as one', [1]);
      expect(await names()).toBe(0);
      await client.begin((tx) => postgresJsTx(tx).query('select $1::int as one', [1]));
      expect(await names()).toBe(1);
    });
  });

  test('a connection that the server ends between two statements fails the transaction, not the process', async () => {
    await withClient({}, async (client) => {
      const sql = postgresJsSql(client);
      const transaction = sql.transaction(async (tx) => {
        const { rows } = await tx.query('select pg_backend_pid() as pid', []);
        await sql.query('select pg_terminate_backend($1)', [rows[0]?.['pid']]);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await tx.query('select 1', []);
      });
      await expect(transaction).rejects.toThrow(/CONNECTION|terminat/i);
      await expect(sql.query('select 1 as one', [])).resolves.toMatchObject({ rows: [{ one: 1 }] });
    });
  });
});
