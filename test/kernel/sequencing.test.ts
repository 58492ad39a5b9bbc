import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PoolClient } from 'pg';
import { LeaseLostError } from '../../src/kernel/errors.ts';
import type { EventStore, Lease } from '../../src/kernel/ports.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { Sql, SqlClient } from '../../src/stores/postgres/sql.ts';
import { createStamp } from '../../src/stores/postgres/stamp.ts';
import { pgSql } from '../../src/stores/pg.ts';
import { openPostgres } from '../helpers/databases.ts';
import type { PostgresDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let database: PostgresDatabase;
let store: EventStore<SqlClient>;

async function lead(): Promise<Lease> {
  const lease = await store.leases.acquire('sequencer', 'test', 60_000);
  if (lease === undefined) throw new Error('the lease is taken');
  return lease;
}

/** A way to follow the log: what lies behind the cursor, and the cursor after it. */
type Pager = (cursor: number) => Promise<{ readonly seen: string[]; readonly cursor: number }>;

const byPosition: Pager = async (cursor) => {
  const events = await store.log.read(cursor, 1_000);
  return { seen: events.map((event) => event.eventId), cursor: events.at(-1)?.position ?? cursor };
};

/** The mistake that positions exist for. */
const byInsertId: Pager = async (cursor) => {
  const { rows } = await database.pool.query(
    `select insert_id::int as id, event_id from evtgen.events where insert_id > $1 order by insert_id`,
    [cursor],
  );
  return { seen: rows.map((row) => String(row.event_id)), cursor: Number(rows.at(-1)?.id ?? cursor) };
};

/** One transaction begins first and commits last. Returns what a reader that looks in between gets to see. */
async function followLateCommit(pager: Pager): Promise<string[]> {
  const lease = await lead();
  const slow = await begin();
  await store.log.append(slow, newEvent({ eventId: 'begun first' }));
  const fast = await begin();
  await store.log.append(fast, newEvent({ eventId: 'committed first' }));
  await commit(fast);

  await store.log.stamp(lease, 100);
  const before = await pager(0);
  await commit(slow);
  await store.log.stamp(lease, 100);
  const after = await pager(before.cursor);
  return [...before.seen, ...after.seen];
}

/**
 * One transaction begins first and is prepared, and stays so for long. Undefined where the server allows none. Returns
 * what the log has once it is committed.
 */
async function followPrepared(sql: Sql): Promise<string[] | undefined> {
  const { rows } = await database.pool.query('show max_prepared_transactions');
  if (rows[0].max_prepared_transactions === '0') return undefined;
  let now = 0;
  const stamp = createStamp(sql, () => now);
  const lease = await lead();
  const look = async (): Promise<void> => {
    await stamp(lease, 100);
    now += 1_000;
  };
  const slow = await begin();
  await store.log.append(slow, newEvent({ eventId: 'prepared' }));
  await emitOne('committed first');
  for (let looks = 0; looks < 3; looks += 1) await look();
  const name = randomUUID();
  await slow.query(`prepare transaction '${name}'`);
  slow.release();
  for (let looks = 0; looks < 5; looks += 1) await look();
  await database.pool.query(`commit prepared '${name}'`);
  await look();
  return (await store.log.read(0, 10)).map((event) => event.eventId);
}

/** Two that know the same head wait for its lock with the same event in hand. Returns how many each has stamped. */
async function stampTogether(sql: Sql): Promise<number[]> {
  const both = [createStamp(sql), createStamp(sql)];
  const lease = await lead();
  for (const stamp of both) await stamp(lease, 10);
  await emitOne('first');
  const blocker = await begin();
  await blocker.query('select from evtgen.log_head for update');
  const stamping = Promise.all(both.map((stamp) => stamp(lease, 10)));
  // Awaited below.
  stamping.catch(() => undefined);
  await waitUntil(async () => (await waitingForLocks()) === 2);
  await commit(blocker);
  return (await stamping).map(({ count }) => count).toSorted();
}

/** The store with a mistake in it. */
function mistaken(part: string, by: string): Sql {
  return { ...database.sql, query: (text, values) => database.sql.query(text.replace(part, by), values) };
}

// PGlite has one session only.
describe.skipIf(isMissing(postgres))('with two sessions and more', () => {
  beforeEach(async () => {
    database = await openPostgres();
    store = createEventStore(database.sql);
  });
  afterEach(() => database.close());

  test('a late commit with a lower insert id is not passed over', async () => {
    expect(await followLateCommit(byPosition)).toEqual(['committed first', 'begun first']);
  });

  test('the same check finds the loss in a reader that pages by insert id', async () => {
    expect(await followLateCommit(byInsertId)).toEqual(['committed first']);
  });

  test('a transaction that is prepared is waited for until it is committed', async ({ skip }) => {
    const seen = await followPrepared(database.sql);
    if (seen === undefined) skip('the server allows no prepared transactions');
    expect(seen).toEqual(['committed first', 'prepared']);
  });

  test('the same check finds the loss where a prepared one is taken for ended', async ({ skip }) => {
    const mode = `mode = 'RowExclusiveLock'`;
    const seen = await followPrepared(mistaken(mode, `${mode} and pid is not null`));
    if (seen === undefined) skip('the server allows no prepared transactions');
    expect(seen).toEqual(['committed first']);
  });

  test('of two that stamp from the same head, one does', async () => {
    expect(await stampTogether(database.sql)).toEqual([0, 1]);
    expect(await store.log.head()).toBe(1);
  });

  test('the same check finds that both do where the head is not compared', async () => {
    const wrong = mistaken('position = $4 and epoch = $3', 'epoch = $3');
    // What keeps one event from two positions in the end is a constraint.
    await expect(stampTogether(wrong)).rejects.toThrow('positions_pkey');
  });

  test('an unrelated transaction that stays open stalls nothing', async () => {
    const unrelated = await begin();
    await unrelated.query('create table unrelated (id int)');
    await unrelated.query('select txid_current()');
    const lease = await lead();
    for (let round = 1; round <= 3; round += 1) {
      await database.sql.transaction((tx) => store.log.append(tx, newEvent({})));
      expect(await store.log.stamp(lease, 10)).toEqual({ count: 1, head: round });
      expect(await store.log.read(round - 1, 10)).toHaveLength(1);
    }
    await commit(unrelated);
  });

  test('however long a transaction takes, no later event of its subject overtakes it', async () => {
    let now = 0;
    const stamp = createStamp(database.sql, () => now);
    const lease = await lead();
    const slow = await begin();
    await store.log.append(slow, newEvent({ eventId: 'begun first' }));
    await emitOne('committed first');
    for (let second = 0; second < 20; second += 1) {
      await stamp(lease, 10);
      now += 1_000;
    }
    // Another request waited for the row that the slow one had locked, and both are seen by the same look.
    await commit(slow);
    await emitOne('waited for it');
    await stamp(lease, 10);
    expect((await store.log.read(0, 10)).map((event) => event.eventId)).toEqual([
      'committed first',
      'begun first',
      'waited for it',
    ]);
  });

  test('looks only above what nobody can commit any more, also while an unrelated transaction stays open', async () => {
    let now = 0;
    let looks: unknown[] = [];
    const watched: Sql = {
      ...database.sql,
      query(text, values) {
        if (text.includes('is_stamped')) looks = values.slice(4, 7);
        return database.sql.query(text, values);
      },
    };
    const stamp = createStamp(watched, () => now);
    const lease = await lead();
    const lookFor = async (seconds: number): Promise<unknown[]> => {
      for (let second = 0; second < seconds; second += 1) {
        await stamp(lease, 10);
        now += 1_000;
      }
      return looks;
    };
    const unrelated = await begin();
    await unrelated.query('select now()');
    await emitOne('first');
    expect(await lookFor(4)).toEqual([1, 1, '{}']);

    const writer = await begin();
    await store.log.append(writer, newEvent({ eventId: 'second' }));
    await emitOne('third');
    expect(await lookFor(10)).toEqual([3, 1, '{2}']);
    await commit(writer);
    expect(await lookFor(4)).toEqual([3, 3, '{}']);

    const giveUp = await begin();
    await store.log.append(giveUp, newEvent({ eventId: 'rolled back' }));
    await emitOne('fifth');
    expect(await lookFor(4)).toEqual([5, 3, '{4}']);
    await giveUp.query('rollback');
    giveUp.release();
    expect(await lookFor(4)).toEqual([5, 5, '{}']);
    await commit(unrelated);
    expect(await store.log.head()).toBe(4);
  });

  test('a server that lost its last transactions in a failover makes it learn anew', async () => {
    const lease = await lead();
    for (const eventId of ['first', 'second', 'third']) await emitOne(eventId);
    await store.log.stamp(lease, 10);
    // As a replica would have it that was two events behind: the ids come again.
    await database.pool.query(`
      delete from evtgen.events where insert_id > 1;
      delete from evtgen.positions where position > 1;
      update evtgen.log_head set position = 1, settled_insert_id = 1;
      alter sequence evtgen.events_insert_id_seq restart with 2`);
    await emitOne('second again');
    expect(await store.log.stamp(lease, 10)).toEqual({ count: 1, head: 2 });
  });

  test('a successor finds what the gaps of its predecessor have come to', async () => {
    const slow = await begin();
    await store.log.append(slow, newEvent({ eventId: 'begun first' }));
    for (const eventId of ['second', 'third']) await emitOne(eventId);
    const lease = await lead();
    await store.log.stamp(lease, 10);
    await store.leases.release(lease);
    await commit(slow);

    const successor = createEventStore(database.sql);
    const next = await lead();
    expect(next.epoch).toBeGreaterThan(lease.epoch);
    expect(await successor.log.stamp(next, 10)).toEqual({ count: 1, head: 3 });
    expect((await store.log.read(0, 10)).map((event) => event.eventId)).toEqual([
      'second',
      'third',
      'begun first',
    ]);
  });

  test('who takes over reads what has been stamped since the log was settled, and not the whole of it', async () => {
    await database.pool.query(
      `insert into evtgen.events (event_id, event_type, version, audience, occurred_at, body)
       select 'old ' || n, 'order.created', 1, 'public', now(), '{"timestamp":"2026-01-01T00:00:00.000Z"}'
         from generate_series(1, 20000) n`,
    );
    const first = await lead();
    for (let count = 1_000; count === 1_000;) ({ count } = await store.log.stamp(first, 1_000));
    await store.leases.release(first);
    await database.pool.query('analyze evtgen.positions');

    const statements: { readonly text: string; readonly values: unknown[] }[] = [];
    const watched: Sql = {
      ...database.sql,
      query: (text, values) => {
        statements.push({ text, values });
        return database.sql.query(text, values);
      },
    };
    expect(await createStamp(watched)(await lead(), 1_000)).toEqual({ count: 0, head: 20_000 });
    const plans = await Promise.all(
      statements
        .filter(({ text }) => text.trimStart().startsWith('update') === false)
        .map(({ text, values }) => database.pool.query(`explain ${text}`, values)),
    );
    const lines = plans.flatMap(({ rows }) => rows.map((row) => String(row['QUERY PLAN'])));
    expect(lines.filter((line) => line.includes('Join Filter: '))).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/Index Cond: \(insert_id > '?20000/));
  });

  test('the first event ever keeps its place, however long the sequencer was idle before', async () => {
    let now = 0;
    const stamp = createStamp(database.sql, () => now);
    const lease = await lead();
    await stamp(lease, 10);
    now += 11_000;
    await stamp(lease, 10);
    await emitOne('first');
    await emitOne('second');
    await stamp(lease, 10);
    expect((await store.log.read(0, 10)).map((event) => event.eventId)).toEqual(['first', 'second']);
  });

  test('two sequencers at once stamp every event once, without gaps', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `event-${index}`);
    await database.sql.transaction(async (tx) => {
      for (const eventId of ids) await store.log.append(tx, newEvent({ eventId }));
    });
    // Both believe that they lead: only the lock on the counter keeps them apart.
    const lease = await lead();
    const rounds = Array.from({ length: 30 }, () => store.log.stamp(lease, 10));
    const stamped = await Promise.all(rounds);
    expect(stamped.reduce((sum, { count }) => sum + count, 0)).toBe(300);
    expect((await store.log.read(0, 1_000)).map((event) => event.position)).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
  });

  test('a stamp that waits while the lease is taken over does nothing', async () => {
    const lease = await lead();
    await store.log.stamp(lease, 10);
    await emitOne('first');
    const blocker = await begin();
    await blocker.query('select from evtgen.log_head for update');
    const late = store.log.stamp(lease, 10).catch((error: unknown) => error);
    await waitUntil(async () => (await waitingForLocks()) === 1);
    await store.leases.release(lease);
    const successor = await store.leases.acquire('sequencer', 'successor', 60_000);
    // What a successor does first.
    await blocker.query('update evtgen.log_head set epoch = $1', [successor?.epoch]);
    await commit(blocker);
    expect(await late).toBeInstanceOf(LeaseLostError);
    expect(await store.log.head()).toBe(0);
  });

  test('emitters at work, and the sequencer: dense positions, order of commits, nothing lost', async () => {
    await database.pool.query('create table orders (id int primary key, revision int not null)');
    await database.pool.query('insert into orders select id, 0 from generate_series(1, 5) id');
    const outboxSignal = createSignal();
    const logSignal = createSignal();
    const sequencer = createSequencer({ store, outboxSignal, logSignal });
    sequencer.start();

    let isDone = false;
    const committed: string[] = [];
    const pool = database.connect();
    async function emitMany(emitter: number): Promise<void> {
      for (let turn = 0; turn < 40; turn += 1) {
        const eventId = `${emitter}-${turn}`;
        const subject = 1 + ((emitter * 7 + turn * 3) % 5);
        const isRolledBack = turn % 9 === 4;
        const client = await pool.connect();
        await client.query('begin');
        // Written before the resource is locked, and committed after a pause: insert ids and commits cross.
        if (turn % 2 === 0) {
          await store.log.append(
            client,
            newEvent({ eventId: `${eventId}-extra`, subject: `note ${emitter}` }),
          );
        }
        const { rows } = await client.query(
          'update orders set revision = revision + 1 where id = $1 returning revision',
          [subject],
        );
        await store.log.append(
          client,
          newEvent({ eventId, subject: String(subject), data: { revision: Number(rows[0].revision) } }),
        );
        outboxSignal.notify();
        await client.query('select pg_sleep($1)', [(turn % 4) / 1_000]);
        await client.query(isRolledBack ? 'rollback' : 'commit');
        client.release();
        if (isRolledBack === false) committed.push(eventId, ...(turn % 2 === 0 ? [`${eventId}-extra`] : []));
      }
    }
    async function follow(pager: Pager): Promise<string[]> {
      const all: string[] = [];
      let cursor = 0;
      for (;;) {
        const wasDone = isDone;
        const page = await pager(cursor);
        all.push(...page.seen);
        cursor = page.cursor;
        if (wasDone && page.seen.length === 0) return all;
        await logSignal.wait(5);
      }
    }

    const right = follow(byPosition);
    const wrong = follow(byInsertId);
    await Promise.all([0, 1, 2, 3, 4, 5].map(emitMany));
    await waitUntil(async () => (await store.log.head()) === committed.length);
    isDone = true;
    const seen = await right;
    await sequencer.stop();

    expect(seen.toSorted()).toEqual(committed.toSorted());
    const seenWrong = new Set(await wrong);
    expect(
      committed.filter((eventId) => seenWrong.has(eventId) === false),
      'the same workload must lose events for a reader that pages by insert id',
    ).not.toEqual([]);

    const events = await store.log.read(0, 10_000);
    expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1));
    for (const subject of ['1', '2', '3', '4', '5']) {
      const revisions = events
        .filter((event) => event.subject === subject)
        .map((event) => Number(JSON.parse(event.body).data.revision));
      expect(revisions).toEqual(revisions.map((_, index) => index + 1));
    }
  });

  test('a stalled leader is replaced, and stamps nothing when it wakes', async () => {
    const stalledStore = createEventStore(pgSql(database.connect()));
    let wake = (): void => undefined;
    const frozen = new Promise<void>((resolve) => (wake = resolve));
    const outcomes: unknown[] = [];
    let isStalled = false;
    const stalled = createSequencer({
      store: {
        // As after SIGSTOP: in the middle of an act, with the renewals standing still too.
        log: {
          ...stalledStore.log,
          async stamp(lease, limit) {
            if (isStalled === false) return stalledStore.log.stamp(lease, limit);
            await frozen;
            const stamped = stalledStore.log.stamp(lease, limit);
            await stamped.then(
              (result) => outcomes.push(result),
              (error) => outcomes.push(error),
            );
            return stamped;
          },
        },
        leases: {
          ...stalledStore.leases,
          renew: async (lease, ttlMs) =>
            isStalled ? frozen.then(() => false) : stalledStore.leases.renew(lease, ttlMs),
        },
      },
      outboxSignal: createSignal(),
      logSignal: createSignal(),
      leaseTtlMs: 300,
    });
    const standby = createSequencer({
      store,
      outboxSignal: createSignal(),
      logSignal: createSignal(),
      leaseTtlMs: 300,
    });

    stalled.start();
    await waitUntil(() => stalled.health().state === 'active');
    standby.start();
    await waitUntil(() => standby.health().state === 'standby');
    await emitOne('before');
    await waitUntil(async () => (await store.log.head()) === 1);

    isStalled = true;
    await emitOne('while it stalls');
    await waitUntil(async () => (await store.log.head()) === 2);
    // On a slow machine it may have lost its short lease meanwhile, and takes it again.
    await waitUntil(() => standby.health().state === 'active');

    // The head is held, or the standby could be done before the other one looks.
    const blocker = await begin();
    await blocker.query('select from evtgen.log_head for update');
    await emitOne('when it wakes');
    wake();
    await waitUntil(() => outcomes.length > 0);
    expect(outcomes[0]).toBeInstanceOf(LeaseLostError);
    await commit(blocker);
    isStalled = false;
    await waitUntil(() => stalled.health().state === 'standby');
    await waitUntil(async () => (await store.log.head()) === 3);
    expect((await store.log.read(0, 10)).map((event) => [event.position, event.eventId])).toEqual([
      [1, 'before'],
      [2, 'while it stalls'],
      [3, 'when it wakes'],
    ]);

    // A clean stop hands over at once, long before the lease would run out.
    await standby.stop();
    await waitUntil(() => stalled.health().state === 'active');
    await stalled.stop();
  });

  test('the sequencer outlives its connections', async () => {
    const pool = database.connect();
    const warnings: string[] = [];
    const logger = {
      info: () => undefined,
      warn: (text: string) => void warnings.push(text),
      error: () => undefined,
    };
    const sequencer = createSequencer({
      store: createEventStore(pgSql(pool)),
      outboxSignal: createSignal(),
      logSignal: createSignal(),
      logger,
    });
    sequencer.start();
    await waitUntil(() => sequencer.health().state === 'active');
    for (let round = 1; round <= 3; round += 1) {
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await emitOne(`after cut ${round}`);
      await waitUntil(async () => (await store.log.head()) === round);
    }
    await waitUntil(() => sequencer.health().state === 'active');
    await sequencer.stop();
    expect(sequencer.health()).toMatchObject({ state: 'stopped' });
  });
});

async function begin(): Promise<PoolClient> {
  const client = await database.pool.connect();
  await client.query('begin');
  return client;
}

async function commit(client: PoolClient): Promise<void> {
  await client.query('commit');
  client.release();
}

async function emitOne(eventId: string): Promise<void> {
  await database.sql.transaction((tx) => store.log.append(tx, newEvent({ eventId })));
}

async function waitingForLocks(): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return Number(rows[0].waiting);
}
