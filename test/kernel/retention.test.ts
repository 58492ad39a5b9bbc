import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { LeaseLostError } from '../../src/kernel/errors.ts';
import type { Clock, Lease } from '../../src/kernel/ports.ts';
import { createRetention } from '../../src/kernel/retention.ts';
import type { RetainDays, RetentionOptions } from '../../src/kernel/retention.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { eventually } from '../helpers/eventually.ts';
import { openShop } from '../helpers/letters.ts';
import type { Shop } from '../helpers/letters.ts';
import { resetDatabase } from '../helpers/reset-database.ts';

describe.each(databaseKinds)('retention on $kind', (databaseKind) => {
  const database = useDatabase(databaseKind);
  let shop: Shop;

  beforeEach(async () => {
    shop = await openShop(database);
    return () => shop.close();
  });

  const run = (statement: string): Promise<unknown> => database.sql.query(statement, []);
  const numbers = async (statement: string): Promise<number[]> =>
    (await database.sql.query(statement, [])).rows.map((row) => Number(row['n']));
  const positions = (): Promise<number[]> => numbers(`select position as n from evtgen.log order by 1`);

  /** Five events that every reader has passed, the first four of them old. */
  async function fill(): Promise<void> {
    await run(
      `insert into evtgen.events (event_id, event_type, version, audience, subject, tenant, occurred_at, recorded_at, body)
       select 'e' || n, case n when 2 then 'order.paid' else 'order.created' end, 1, 'public', 'ord_1', 'acme', now(),
              now() - case when n < 5 then interval '31 days' else interval '29 days' end,
              '{"eventId":"e' || n || '","timestamp":"2026-01-01T00:00:00.000Z","data":{"total":1}}'
         from generate_series(1, 5) n`,
    );
    await run(
      `insert into evtgen.positions (position, insert_id, subject)
       select row_number() over (order by insert_id), insert_id, subject from evtgen.events`,
    );
    await run(`update evtgen.log_head set position = 5`);
    await run(`insert into evtgen.cursors (reader, position) values ('webhooks', 5), ('redis-streams', 5)`);
  }

  /** One look at everything, by the part that an application runs. */
  async function clean(retainDays: RetainDays, options: Partial<RetentionOptions> = {}): Promise<void> {
    const intervalMs = 3_600_000;
    let isDone = false;
    const clock: Clock = {
      ...systemClock,
      sleep(ms, signal) {
        if (ms === intervalMs) isDone = true;
        return systemClock.sleep(ms, signal);
      },
    };
    const publishers = [{ name: 'redis-streams' }];
    const [part] = createRetention({
      store: shop.store,
      retainDays,
      publishers,
      clock,
      intervalMs,
      ...options,
    });
    part?.start();
    await eventually('it is done', () => isDone);
    expect(part?.health().lastError).toBeUndefined();
    await part?.stop();
  }

  const delivery = (position: number, state: string, subscription = 'sub'): Promise<unknown> =>
    run(
      `insert into evtgen.deliveries
         (position, subscription_id, event_id, event_type, state, attempt_count, attempts, due_at, created_at, updated_at)
       values (${position}, '${subscription}', 'e${position}', 'order.created', '${state}', 1, '[]',
               case when '${state}' = 'pending' then now() + interval '1 hour' end, now() - interval '31 days',
               now() - interval '31 days')`,
    );
  const letter = (position: number, more = ''): Promise<unknown> =>
    run(
      `insert into evtgen.dead_letters (id, kind, subscription_id, event_id, event_type, version, tenant, position, error, created_at)
       values ('dl-${position}', 'delivery_exhausted', 'sub', 'e${position}', 'order.created', 1, 'acme', ${position},
               'HTTP 500', now() - interval '31 days')`,
    ).then(() => (more === '' ? undefined : run(`update evtgen.dead_letters set ${more}`)));
  const stopped = async (tenant: string, eventTypes: string[], position: number): Promise<void> => {
    await shop.subscribe('sub', tenant, eventTypes);
    await shop.store.subscriptions.stop('sub', 'disabled', 'by its owner');
    await run(`update evtgen.subscriptions set start_position = 0, stopped_position = ${position}`);
  };

  test('deletes events that are old and needed by nobody, with their positions', async () => {
    await fill();
    await clean({ events: 30 });
    expect(await positions()).toEqual([5]);
    expect(await numbers(`select count(*) as n from evtgen.events`)).toEqual([1]);
    expect(await numbers(`select count(*) as n from evtgen.positions`)).toEqual([1]);
    expect([await shop.store.log.oldest(), await shop.store.log.head()]).toEqual([5, 5]);
    expect((await shop.store.log.read(0, 10)).map(({ eventId }) => eventId)).toEqual(['e5']);
  });

  test.each<[string, () => Promise<unknown>, number[]]>([
    [
      'a cursor that is behind',
      () => run(`update evtgen.cursors set position = 2 where reader = 'redis-streams'`),
      [3, 4, 5],
    ],
    [
      'a cursor of a reader that is not ours',
      () => run(`insert into evtgen.cursors values ('kafka', 1)`),
      [2, 3, 4, 5],
    ],
    [
      'a publisher that has never run',
      () => run(`delete from evtgen.cursors where reader = 'redis-streams'`),
      [1, 2, 3, 4, 5],
    ],
    [
      'webhooks that have never run',
      () => run(`delete from evtgen.cursors where reader = 'webhooks'`),
      [1, 2, 3, 4, 5],
    ],
    ['a pending delivery', () => delivery(3, 'pending'), [3, 5]],
    ['an open dead letter', () => letter(2), [2, 5]],
    [
      'a replay that its broker has yet to take',
      () => letter(1, 'replayed_at = now(), is_republishing = true'),
      [1, 5],
    ],
    ['a stopped subscription', () => stopped('acme', ['order.*'], 1), [2, 3, 4, 5]],
    ['a stopped subscription, as its filter says', () => stopped('acme', ['order.paid'], 0), [2, 5]],
  ])('%s alone keeps its events', async (_, hold, expected) => {
    await fill();
    await hold();
    await clean({ events: 30 });
    expect(await positions()).toEqual(expected);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a delivery that is over', () => delivery(3, 'delivered')],
    ['a dead letter that was replayed', () => letter(2, 'replayed_at = now()')],
    ['a stopped subscription of another tenant', () => stopped('other', ['*'], 0)],
    [
      'a deleted subscription',
      () => stopped('acme', ['*'], 0).then(() => shop.store.subscriptions.remove('acme', 'sub')),
    ],
    ['an active subscription, whose events the cursor holds', () => shop.subscribe('sub')],
  ])('%s keeps nothing', async (_, hold) => {
    await fill();
    await hold();
    await clean({ events: 30 });
    expect(await positions()).toEqual([5]);
  });

  test('goes on behind what has to stay, in batches of any size', async () => {
    for (const batchSize of [1, 2, 3]) {
      await resetDatabase(database.sql);
      await fill();
      await letter(1);
      await delivery(3, 'pending');
      await clean({ events: 30 }, { batchSize });
      expect(await positions()).toEqual([1, 3, 5]);
      // What is left of the beginning is no whole log: a stream from there has to be told.
      expect(await shop.store.log.oldest()).toBe(5);
    }
  });

  test('deletes deliveries that are over, but none that somebody could miss', async () => {
    await fill();
    await shop.subscribe('sub');
    await run(`update evtgen.subscriptions set start_position = 0`);
    for (const [position, state] of [
      [1, 'delivered'],
      [2, 'pending'],
      [3, 'exhausted'],
      [4, 'cancelled'],
      [5, 'delivered'],
    ] as const) {
      await delivery(position, state);
    }
    await letter(3);
    // A fan-out that begins again reads from its cursor, and must know what it has done.
    await run(`update evtgen.cursors set position = 4 where reader = 'webhooks'`);
    await clean({ deliveries: 30 }, { batchSize: 2 });
    expect(await numbers(`select position as n from evtgen.deliveries order by 1`)).toEqual([2, 3, 5]);
    expect(await positions()).toHaveLength(5);
  });

  test('keeps the deliveries of a stopped subscription that a resume would repeat, and those that are young', async () => {
    await fill();
    await stopped('acme', ['*'], 2);
    for (const position of [1, 2, 3, 4]) await delivery(position, 'delivered');
    await run(`update evtgen.deliveries set updated_at = now() where position = 1`);
    await clean({ deliveries: 30 });
    expect(await numbers(`select position as n from evtgen.deliveries order by 1`)).toEqual([1, 3, 4]);
  });

  test('deletes dead letters, open or not, before it asks whom events are for', async () => {
    await fill();
    await letter(1);
    await letter(2);
    await run(`update evtgen.dead_letters set created_at = now() where id = 'dl-2'`);
    await clean({ deadLetters: 30, events: 30 });
    expect(await numbers(`select position as n from evtgen.dead_letters`)).toEqual([2]);
    expect(await positions()).toEqual([2, 5]);
  });

  test('cancels a delivery that was made of an event while that was deleted', async () => {
    await fill();
    await clean({ events: 30 });
    await delivery(2, 'pending');
    await delivery(5, 'pending');
    const lease = (await shop.store.leases.acquire('retention', 'me', 1_000)) as Lease;
    expect(await shop.store.retention.cancelOrphans(lease)).toBe(1);
    expect(await numbers(`select position as n from evtgen.deliveries where state = 'pending'`)).toEqual([5]);
  });

  test('cancels a delivery that was made for a subscription while that was deleted: it would keep its event', async () => {
    await fill();
    await shop.subscribe('sub');
    await delivery(2, 'pending');
    await shop.store.subscriptions.remove('acme', 'sub');
    // Whoever wrote it had seen the subscription before.
    await run(`update evtgen.deliveries set state = 'pending', due_at = now()`);
    await clean({ events: 30 });
    expect(await positions()).toEqual([2, 5]);
    await clean({ events: 30 });
    expect(await positions()).toEqual([5]);
  });

  test('does nothing once its lease is lost', async () => {
    await fill();
    const stale: Lease = { role: 'retention', holder: 'me', epoch: 0 };
    const page = { olderThanMs: 0, limit: 10, after: undefined };
    const { retention } = shop.store;
    await expect(retention.deleteEvents(stale, [], page)).rejects.toThrow(LeaseLostError);
    await expect(retention.deleteDeliveries(stale, page)).rejects.toThrow(LeaseLostError);
    await expect(retention.deleteDeadLetters(stale, page)).rejects.toThrow(LeaseLostError);
    await expect(retention.cancelOrphans(stale)).rejects.toThrow(LeaseLostError);
    expect(await positions()).toHaveLength(5);
  });

  test('is off unless it is told what to delete, and refuses days that are none', () => {
    expect(createRetention({ store: shop.store })).toEqual([]);
    expect(createRetention({ store: shop.store, retainDays: { events: undefined } })).toEqual([]);
    for (const days of [0, -1, Number.NaN, Infinity]) {
      expect(() => createRetention({ store: shop.store, retainDays: { events: days } })).toThrow(RangeError);
    }
  });
});
