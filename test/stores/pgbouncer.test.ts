import postgresJs from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import type { LoggedEvent } from '../../src/kernel/event.ts';
import { createPublisherReader } from '../../src/kernel/publish.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createWakeUp } from '../../src/kernel/wake-up.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { applyMigrations } from '../../src/stores/postgres/migrations.ts';
import { postgresJsSql, postgresJsTx } from '../../src/stores/postgres-js.ts';
import { openPgbouncer } from '../helpers/databases.ts';
import type { PostgresDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import { isMissing, pgbouncer } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';

describe.skipIf(isMissing(pgbouncer))('behind PgBouncer in transaction mode', () => {
  let database: PostgresDatabase;
  beforeEach(async () => {
    database = await openPgbouncer();
  });
  afterEach(() => database.close());

  test('a worker and 16 clients under load: every event once, those of an order as they were committed', async () => {
    const store = createEventStore(database.sql);
    const wakeUp = createWakeUp({ notifier: store.notifier });
    const published: LoggedEvent[] = [];
    const publisher = {
      name: 'broker',
      publish: async (events: readonly LoggedEvent[]) => void published.push(...events),
      close: () => Promise.resolve(),
    };
    const worker = createWorker({
      parts: [createSequencer({ store, ...wakeUp }), createPublisherReader({ store, publisher, ...wakeUp })],
    });
    worker.start();
    const committed = new Map<string, string[]>();
    const emitFor = async (order: string): Promise<void> => {
      const ids: string[] = [];
      for (let change = 0; change < 30; change += 1) {
        const event = newEvent({ eventId: `${order}-${change}`, subject: order });
        await database.sql.transaction(async (tx) => {
          await store.log.append(tx, event);
          if (change % 10 === 9) await tx.query('savepoint item', []);
        });
        wakeUp.outboxSignal.notify();
        ids.push(event.eventId);
      }
      committed.set(order, ids);
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => emitFor(`order-${index}`)));
    await waitUntil(() => published.length >= 16 * 30, 30_000);
    expect(worker.health().ok).toBe(true);
    await worker.stop();
    await wakeUp.close();
    expect(published.map(({ position }) => position)).toEqual(published.map((_, index) => index + 1));
    for (const [order, ids] of committed) {
      const seen = published.filter(({ subject }) => subject === order);
      expect(seen.map(({ eventId }) => eventId)).toEqual(ids);
    }
  });

  test('notifications do not arrive, which it notices; the signals work within the process', async () => {
    const lines: string[] = [];
    const write = (message: string): void => void lines.push(message);
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 50), signal),
    };
    const { notifier } = createEventStore(database.sql);
    const wakeUp = createWakeUp({
      notifier,
      clock,
      logger: { info: write, warn: write, error: write },
    });
    await wakeUp.logSignal.wait(1);
    await waitUntil(() => lines.length > 0);
    expect(lines).toEqual(['notifications of the database do not arrive: polling goes on']);
    await wakeUp.close();
  });

  test('migrations take turns', async () => {
    const pending = [{ name: '9001-items', script: 'create table items (id int)' }];
    const all = await database.sql.query('select name from evtgen.migrations', []);
    expect(all.rows).not.toEqual([]);
    await database.sql.query('delete from evtgen.migrations', []);
    await database.sql.query('alter schema evtgen rename to elsewhere', []);
    const results = await Promise.all(
      Array.from({ length: 8 }, () => applyMigrations(database.sql, pending)),
    );
    expect(results.flat()).toEqual(['9001-items']);
  });

  test('postgres.js without named statements works as well', async () => {
    const client = postgresJs(database.url, { prepare: false, max: 10 });
    const store = createEventStore(postgresJsSql(client));
    const emitOne = (): Promise<unknown> =>
      client.begin((tx) => store.log.append(postgresJsTx(tx), newEvent({})));
    await Promise.all(Array.from({ length: 50 }, emitOne));
    const lease = await store.leases.acquire('sequencer', 'test', 60_000);
    if (lease === undefined) throw new Error('the lease is taken');
    expect(await store.log.stamp(lease, 100)).toEqual({ count: 50, head: 50 });
    expect(await store.log.read(0, 100)).toHaveLength(50);
    await client.end();
  });
});
