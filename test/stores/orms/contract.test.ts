import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/kernel/alert.ts';
import { EventIdConflictError } from '../../../src/kernel/errors.ts';
import { createEventStore } from '../../../src/stores/postgres/event-store.ts';
import { NotInTransactionError } from '../../../src/stores/postgres/not-in-transaction.ts';
import { SchemaMissingError } from '../../../src/stores/postgres/schema-error.ts';
import { openPgbouncer, openPostgres } from '../../helpers/databases.ts';
import type { PostgresDatabase } from '../../helpers/databases.ts';
import { repositoryRoot } from '../../helpers/exec.ts';
import { resetDatabase } from '../../helpers/reset-database.ts';
import { isMissing, pgbouncer, postgres } from '../../helpers/services.ts';
import { closeWhenLeft } from './close.ts';
import { ormPackages } from './installed.ts';
import { orms } from './orms.ts';
import { createShop, DETAILS, ORDERS_TABLE, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, OrderData } from './shop.ts';

const isUntestable = isMissing(postgres) || isMissing(ormPackages);

describe.skipIf(isUntestable).each(Object.entries(orms))('%s', (_, open) => {
  let database: PostgresDatabase;
  let orm: OpenedOrm;
  let alerts: Alert[] = [];

  beforeAll(async () => {
    database = await openPostgres();
    await database.pool.query(ORDERS_TABLE);
    orm = await open(createShop(database.url, database.sql, (alert) => void alerts.push(alert)));
  });
  afterAll(async () => {
    await orm.close();
    await closeWhenLeft(database);
  });
  beforeEach(async () => {
    alerts = [];
    await resetDatabase(database.sql);
    await database.pool.query('delete from orders');
  });

  /** What readers of the log get, in order. */
  async function published(): Promise<{ subject: string | undefined; data: unknown }[]> {
    const { log, leases } = createEventStore(database.sql);
    const lease = await leases.acquire('sequencer', 'test', 60_000);
    if (lease === undefined) throw new Error('the lease is taken');
    await log.stamp(lease, 100);
    const logged = await log.read(0, 100);
    return logged.map(({ subject, body }) => ({
      subject,
      data: (JSON.parse(body) as { data: unknown }).data,
    }));
  }
  const numbers = async (): Promise<unknown[]> =>
    (await published()).map(({ data }) => (data as OrderData).number);
  const count = async (table: string): Promise<number> =>
    Number((await database.pool.query(`select count(*) from ${table}`)).rows[0]?.count);

  test('what commits is published once, with the values as the database has them', async () => {
    await orm.transaction(async ({ createOrder }) => {
      expect(await createOrder('A-1')).toMatchObject({ outcome: 'logged' });
      // Not yet: the transaction is open.
      expect(await count('evtgen.events')).toBe(0);
    });
    const [event, ...others] = await published();
    if (event === undefined) throw new Error('nothing was published');
    expect(others).toEqual([]);
    const id = String((await database.pool.query('select id from orders')).rows[0]?.id);
    expect(event.subject).toBe(id);
    const { id: dataId, total, ...data } = event.data as OrderData;
    expect(String(dataId)).toBe(id);
    // Decimals drop trailing zeros.
    expect(Number(total)).toBe(Number(TOTAL));
    expect(data).toEqual({
      number: 'A-1',
      note: null,
      placedAt: PLACED_AT.toISOString(),
      details: DETAILS,
    });
  });

  test('what is rolled back is not', async () => {
    const failing = orm.transaction(async ({ createOrder }) => {
      await createOrder('A-1');
      throw new Error('sold out');
    });
    await expect(failing).rejects.toThrow('sold out');
    expect(await published()).toEqual([]);
    expect(await count('orders')).toBe(0);
  });

  test('a nested transaction takes its event with it when it is rolled back, and no other', async () => {
    await orm.transaction(async ({ createOrder, nested }) => {
      await createOrder('outer');
      const inner = nested(async (scope) => {
        await scope.createOrder('undone');
        throw new Error('undo');
      });
      await expect(inner).rejects.toThrow('undo');
      await nested(async (scope) => void (await scope.createOrder('inner')));
    });
    expect(await numbers()).toEqual(['outer', 'inner']);
    expect(await count('orders')).toBe(2);
  });

  const order: OrderData = {
    id: 1,
    number: 'A-1',
    total: '1.00',
    note: null,
    placedAt: PLACED_AT.toISOString(),
    details: DETAILS,
  };

  test('an event that is emitted again is the same one, and another under its id is refused', async () => {
    for (let time = 0; time < 2; time += 1) {
      await orm.transaction(async ({ emit }) => {
        await emit({ eventId: 'once', data: order });
        await emit({ eventId: 'once', data: order });
      });
    }
    const other = orm.transaction(async ({ emit }) => {
      await emit({ eventId: 'once', data: { ...order, number: 'A-2' } });
    });
    await expect(other).rejects.toThrow(EventIdConflictError);
    expect(await numbers()).toEqual(['A-1']);
  });

  test('data that the schema refuses becomes a dead letter of the same transaction', async () => {
    const invalid = { ...order, number: 1 as never };
    const failing = orm.transaction(async ({ emit }) => {
      await emit({ subject: 'undone', data: invalid });
      throw new Error('sold out');
    });
    await expect(failing).rejects.toThrow('sold out');
    await orm.transaction(async ({ createOrder, emit }) => {
      await createOrder('A-1');
      expect(await emit({ subject: 7n, data: invalid })).toMatchObject({ outcome: 'dead_lettered' });
    });
    expect(alerts).toHaveLength(2);
    const letters = await database.pool.query('select kind, stage, subject, error from evtgen.dead_letters');
    expect(letters.rows).toEqual([
      { kind: 'pipeline_error', stage: 'emit', subject: '7', error: expect.stringContaining('data.number') },
    ]);
    expect(await numbers()).toEqual(['A-1']);
  });

  test('transactions that run at the same time do not meet', async () => {
    let resume = (): void => undefined;
    const isOtherDone = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const undone = orm.transaction(async ({ createOrder }) => {
      await createOrder('undone');
      await isOtherDone;
      throw new Error('sold out');
    });
    await orm.transaction(async ({ createOrder }) => void (await createOrder('kept')));
    resume();
    await expect(undone).rejects.toThrow('sold out');
    expect(await numbers()).toEqual(['kept']);
  });

  test('outside of a transaction nothing is emitted', async () => {
    await expect(orm.emitOutside({ data: order })).rejects.toThrow(NotInTransactionError);
    expect(await count('evtgen.events')).toBe(0);
  });

  test('a missing migration is told as such', async () => {
    await database.pool.query('alter schema evtgen rename to elsewhere');
    const failing = orm.transaction(async ({ emit }) => void (await emit({ data: order })));
    await expect(failing).rejects.toThrow(SchemaMissingError);
    await database.pool.query('alter schema elsewhere rename to evtgen');
  });

  test.skipIf(isMissing(pgbouncer))('all the same behind PgBouncer in transaction mode', async () => {
    const pooled = await openPgbouncer();
    await pooled.pool.query(ORDERS_TABLE);
    const shop = createShop(pooled.url, pooled.sql, (alert) => void alerts.push(alert));
    const behind = await open(shop);
    const names = Array.from({ length: 12 }, (__, index) => `A-${index}`);
    const outcomes = await Promise.allSettled(
      names.map((name, index) =>
        behind.transaction(async ({ createOrder }) => {
          await createOrder(name);
          if (index % 3 === 0) throw new Error('sold out');
        }),
      ),
    );
    const { rows } = await pooled.pool.query(
      `select body::jsonb #>> '{data,number}' as number from evtgen.events`,
    );
    expect(rows.map(({ number }) => String(number)).sort()).toEqual(
      names.filter((__, index) => index % 3 !== 0).sort(),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(4);
    await behind.close();
    await pooled.close();
  });
});

test.skipIf(isMissing(ormPackages))(
  'each handle has the type that emit takes, and no other has',
  async () => {
    const compiler = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [compiler, '-p', join(repositoryRoot, 'test/stores/orms')], (___, stdout) =>
        resolve(stdout),
      );
    });
    expect(output).toBe('');
  },
  240_000,
);
