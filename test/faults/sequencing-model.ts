import type { Pool, PoolClient } from 'pg';
import { LeaseLostError } from '../../src/kernel/errors.ts';
import type { NewEvent } from '../../src/kernel/event.ts';
import type { EventStore, Lease } from '../../src/kernel/ports.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { Sql, SqlClient } from '../../src/stores/postgres/sql.ts';
import { createStamp, type Stamp } from '../../src/stores/postgres/stamp.ts';
import type { PostgresDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import { createFlakySql, type FlakySql } from './flaky-sql.ts';
import { seededRandom } from './random.ts';

const WRITERS = 4;
const SEQUENCERS = 2;
/** Orders that transactions fight for: few, so that they wait for each other. */
const ORDERS = 3;
/** More than any program writes: a stamp that has to find everything. */
const UNLIMITED = 1_000;

/** A way to follow the log: what lies behind the cursor, and the cursor after it. */
export type Pager = (cursor: number) => Promise<{ readonly seen: readonly Seen[]; readonly cursor: number }>;

export interface Seen {
  readonly eventId: string;
  readonly position: number;
}

/** A mistake made on purpose, to show that the model notices. */
export interface Mistake {
  /** Replaces how a sequencer gives positions. */
  stamp?(right: Stamp, database: PostgresDatabase): Stamp;
  /** Replaces how the log is followed. */
  pager?(database: PostgresDatabase): Pager;
  /** Changes the statements of the sequencers. */
  rewrite?(text: string): string;
}

/** What a savepoint, or the transaction itself, has done so far. */
interface Frame {
  readonly events: NewEvent[];
  readonly locks: Set<string>;
}

interface Writer {
  readonly client: PoolClient;
  frames: Frame[];
  /** Its statement under way, which waits for another writer. */
  waiting?: { readonly lock: string; readonly done: Promise<unknown>; readonly event: NewEvent } | undefined;
}

interface Sequencer {
  stamp: Stamp;
  readonly sql: FlakySql;
  lease: Lease | undefined;
}

/**
 * Runs a random program of transactions, sequencers and time against a database, and knows what has to come of it:
 * which events are committed, and in which order those of one order were.
 *
 * One statement at a time, so that a program always means the same; a statement that has to wait for a lock is left
 * waiting, as PostgreSQL would have it, until the holder ends.
 *
 * @param program what to do next, as seeds
 * @throws Error that tells what is wrong and lists the steps
 */
export async function runProgram(
  database: PostgresDatabase,
  program: readonly number[],
  mistake: Mistake = {},
): Promise<{ readonly committed: number; readonly rolledBack: number }> {
  const trace: string[] = [];
  const model = await createModel(database, mistake, trace);
  try {
    for (const seed of program) await model.step(seededRandom(seed));
    return await model.conclude();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n  ${trace.join('\n  ')}`, { cause: error });
  } finally {
    await model.close();
  }
}

interface Model {
  step(random: () => number): Promise<void>;
  conclude(): Promise<{ readonly committed: number; readonly rolledBack: number }>;
  close(): Promise<void>;
}

async function createModel(database: PostgresDatabase, mistake: Mistake, trace: string[]): Promise<Model> {
  const { pool } = database;
  const store: EventStore<SqlClient> = createEventStore(database.sql);
  const pager = mistake.pager?.(database) ?? byPosition(store);
  const canPrepare = await allowsPreparedTransactions(pool);
  const writers: Writer[] = [];
  for (let n = 0; n < WRITERS; n += 1) writers.push({ client: await pool.connect(), frames: [] });
  const bystander = await pool.connect();
  const sequencers = Array.from({ length: SEQUENCERS }, startSequencer);
  const prepared = new Map<string, Frame>();
  const committed: NewEvent[] = [];
  const seen: Seen[] = [];
  let isBystanderOpen = false;
  let cursor = 0;
  let now = 0;
  let events = 0;
  let rolledBack = 0;
  let transactions = 0;
  let leader = 0;
  let current: Lease | undefined;

  function startSequencer(): Sequencer {
    const sql = createFlakySql(rewriting(database.sql, mistake));
    return { sql, stamp: stampOf(sql), lease: undefined };
  }

  function stampOf(sql: Sql): Stamp {
    const right = createStamp(sql, () => now);
    return mistake.stamp?.(right, database) ?? right;
  }

  function nextEvent(subject: string): NewEvent {
    events += 1;
    return newEvent({ eventId: `event-${events}`, subject, data: { number: events } });
  }

  function holderOf(lock: string): Writer | 'prepared' | undefined {
    for (const frame of prepared.values()) if (frame.locks.has(lock)) return 'prepared';
    return writers.find((writer) => writer.frames.some((frame) => frame.locks.has(lock)));
  }

  function isWaitedFor(lock: string): boolean {
    return writers.some((writer) => writer.waiting?.lock === lock);
  }

  /** Runs what takes a lock and writes an event; left waiting when another writer has the lock. */
  async function underLock(
    writer: Writer,
    lock: string,
    event: NewEvent,
    run: () => Promise<unknown>,
  ): Promise<void> {
    const holder = holderOf(lock);
    if (holder === undefined || holder === writer) {
      await run();
      return wrote(writer, lock, event);
    }
    // Nobody waits for one who waits, or for a prepared transaction: no deadlocks, and it always goes on.
    if (holder === 'prepared' || holder.waiting !== undefined || isWaitedFor(lock)) return;
    trace.push(`  waits for ${lock}`);
    const done = run();
    // Awaited when the lock is granted.
    done.catch(() => undefined);
    writer.waiting = { lock, done, event };
  }

  function wrote(writer: Writer, lock: string, event: NewEvent): void {
    const frame = writer.frames.at(-1) as Frame;
    frame.locks.add(lock);
    // Written again, it is a no-op.
    const isThere = committed.includes(event) || writer.frames.some(({ events }) => events.includes(event));
    if (isThere === false) frame.events.push(event);
  }

  /** Lets those go on who waited for locks that are free now. */
  async function grant(): Promise<void> {
    for (const writer of writers) {
      if (writer.waiting === undefined || holderOf(writer.waiting.lock) !== undefined) continue;
      const { done, lock, event } = writer.waiting;
      writer.waiting = undefined;
      await done;
      wrote(writer, lock, event);
    }
  }

  async function begun(writer: Writer): Promise<void> {
    if (writer.frames.length === 0) {
      await writer.client.query('begin');
      writer.frames = [{ events: [], locks: new Set() }];
    }
  }

  async function writeToOrder(writer: Writer, order: number): Promise<void> {
    await begun(writer);
    const event = nextEvent(`order ${order}`);
    trace.push(`writer ${writers.indexOf(writer)}: ${event.eventId} of order ${order}`);
    await underLock(writer, `order ${order}`, event, async () => {
      await writer.client.query('select from orders where id = $1 for update', [order]);
      await store.log.append(writer.client, event);
    });
  }

  async function writeToNote(writer: Writer): Promise<void> {
    await begun(writer);
    const event = nextEvent(`note ${events}`);
    trace.push(`writer ${writers.indexOf(writer)}: ${event.eventId} of a note`);
    await underLock(writer, event.eventId, event, () => store.log.append(writer.client, event));
  }

  /** The same event again: a no-op, or the only one if the first is rolled back. */
  async function writeAgain(writer: Writer, random: () => number): Promise<void> {
    const open = writers.flatMap(({ frames }) => frames.flatMap((frame) => frame.events));
    const event = pick([...open, ...committed.slice(-5)].filter(isNote), random);
    if (event === undefined) return;
    await begun(writer);
    trace.push(`writer ${writers.indexOf(writer)}: ${event.eventId} again`);
    await underLock(writer, event.eventId, event, () => store.log.append(writer.client, event));
  }

  async function setSavepoint(writer: Writer): Promise<void> {
    await begun(writer);
    trace.push(`writer ${writers.indexOf(writer)}: savepoint`);
    await writer.client.query(`savepoint s${writer.frames.length}`);
    writer.frames.push({ events: [], locks: new Set() });
  }

  async function endSavepoint(writer: Writer, isKept: boolean): Promise<void> {
    if (writer.frames.length < 2) return;
    const inner = writer.frames.pop() as Frame;
    const name = `s${writer.frames.length}`;
    trace.push(`writer ${writers.indexOf(writer)}: ${isKept ? 'release' : 'rollback to'} savepoint`);
    if (isKept === false) await writer.client.query(`rollback to savepoint ${name}`);
    await writer.client.query(`release savepoint ${name}`);
    if (isKept === false) {
      rolledBack += inner.events.length;
      return grant();
    }
    const outer = writer.frames.at(-1) as Frame;
    outer.events.push(...inner.events);
    for (const lock of inner.locks) outer.locks.add(lock);
  }

  async function end(writer: Writer, isCommit: boolean): Promise<void> {
    if (writer.frames.length === 0) return;
    trace.push(`writer ${writers.indexOf(writer)}: ${isCommit ? 'commit' : 'rollback'}`);
    await writer.client.query(isCommit ? 'commit' : 'rollback');
    const written = writer.frames.flatMap((frame) => frame.events);
    writer.frames = [];
    if (isCommit) committed.push(...written);
    else rolledBack += written.length;
    await grant();
  }

  async function prepare(writer: Writer): Promise<void> {
    if (canPrepare === false || writer.frames.length === 0) return;
    // Who waits for this one would wait for the prepared transaction.
    const { frames } = writer;
    if (frames.some(({ locks }) => [...locks].some(isWaitedFor))) return;
    transactions += 1;
    const name = `prepared ${transactions}`;
    trace.push(`writer ${writers.indexOf(writer)}: prepare transaction '${name}'`);
    await writer.client.query(`prepare transaction '${name}'`);
    writer.frames = [];
    prepared.set(name, {
      events: frames.flatMap(({ events }) => events),
      locks: new Set(frames.flatMap(({ locks }) => [...locks])),
    });
  }

  async function endPrepared(name: string | undefined, isCommit: boolean): Promise<void> {
    const transaction = name === undefined ? undefined : prepared.get(name);
    if (name === undefined || transaction === undefined) return;
    trace.push(`${isCommit ? 'commit' : 'rollback'} '${name}'`);
    await pool.query(`${isCommit ? 'commit' : 'rollback'} prepared '${name}'`);
    prepared.delete(name);
    if (isCommit) committed.push(...transaction.events);
    else rolledBack += transaction.events.length;
  }

  async function toggleBystander(): Promise<void> {
    trace.push(isBystanderOpen ? 'the bystander ends' : 'the bystander begins');
    await bystander.query(isBystanderOpen ? 'rollback' : 'begin');
    if (isBystanderOpen === false) await bystander.query('select txid_current()');
    isBystanderOpen = isBystanderOpen === false;
  }

  /** Leadership changes hands, or comes back to the same one with a new epoch. */
  async function takeOver(index: number, isRestarted: boolean): Promise<void> {
    const sequencer = sequencers[index] as Sequencer;
    trace.push(`sequencer ${index} takes over${isRestarted ? ', restarted' : ''}`);
    if (isRestarted) sequencer.stamp = stampOf(sequencer.sql);
    // From here on its predecessor may find out, before the answer is here.
    current = undefined;
    await pool.query(`update evtgen.leases set expires_at = '-infinity' where role = 'sequencer'`);
    const lease = await store.leases.acquire('sequencer', `sequencer ${index}`, 60_000);
    if (lease === undefined) throw new Error('the lease was not to be had');
    sequencer.lease = lease;
    current = lease;
    leader = index;
  }

  async function stampBy(index: number, limit: number): Promise<void> {
    const { stamp, lease } = sequencers[index] as Sequencer;
    if (lease === undefined) return;
    const isCurrent = (): boolean => lease === current;
    const wasCurrent = isCurrent();
    try {
      const { count } = await stamp(lease, limit);
      trace.push(`sequencer ${index}${wasCurrent ? '' : ', deposed,'} stamps ${count} of at most ${limit}`);
      if (wasCurrent === false && count > 0) throw new Error('a sequencer without the lease gave positions');
    } catch (error) {
      const isExpected = error instanceof LeaseLostError ? isCurrent() === false : isInjected(error);
      if (isExpected === false) throw error;
      trace.push(`sequencer ${index}: ${(error as Error).message}`);
    }
  }

  /** The leader, undisturbed and without a limit, has to find everything that is committed. */
  async function stampAll(): Promise<void> {
    if (current === undefined) await takeOver(leader, false);
    const expected = committed.length;
    await stampBy(leader, UNLIMITED);
    const given = await store.log.head();
    if (given !== expected) throw new Error(`${expected} events are committed, ${given} have positions`);
  }

  async function follow(): Promise<void> {
    const page = await pager(cursor);
    seen.push(...page.seen);
    cursor = page.cursor;
  }

  const steps: readonly (readonly [weight: number, step: (random: () => number) => Promise<void>])[] = [
    [14, (random) => onIdle(random, (writer) => writeToOrder(writer, 1 + upTo(ORDERS, random)))],
    [8, (random) => onIdle(random, writeToNote)],
    [3, (random) => onIdle(random, (writer) => writeAgain(writer, random))],
    [3, (random) => onIdle(random, setSavepoint)],
    [3, (random) => onIdle(random, (writer) => endSavepoint(writer, random() < 0.4))],
    [12, (random) => onIdle(random, (writer) => end(writer, random() < 0.75))],
    [4, (random) => onIdle(random, prepare)],
    [1, (random) => endPrepared(pick([...prepared.keys()], random), random() < 0.7)],
    [1, toggleBystander],
    [3, (random) => takeOver(upTo(SEQUENCERS, random), random() < 0.5)],
    [6, (random) => stampBy(leader, 1 + upTo(4, random))],
    [3, (random) => stampBy(upTo(SEQUENCERS, random), UNLIMITED)],
    [4, stampFaultily],
    [3, stampAtOnce],
    [6, stampAll],
    [6, follow],
    [8, async (random) => void (now += 100 + upTo(5_000, random))],
  ];
  const total = steps.reduce((sum, [weight]) => sum + weight, 0);

  async function onIdle(random: () => number, step: (writer: Writer) => Promise<void>): Promise<void> {
    const writer = pick(
      writers.filter(({ waiting }) => waiting === undefined),
      random,
    );
    if (writer !== undefined) await step(writer);
  }

  async function stampFaultily(random: () => number): Promise<void> {
    const { sql } = sequencers[leader] as Sequencer;
    sql.failAt(1 + upTo(4, random), random() < 0.5 ? 'before' : 'after');
    await stampBy(leader, random() < 0.5 ? 2 : UNLIMITED);
    sql.failAt(0, 'before');
  }

  /** All of them, while leadership may change hands. */
  async function stampAtOnce(random: () => number): Promise<void> {
    const stamps = sequencers.map((_, index) => stampBy(index, 1 + upTo(6, random)));
    if (random() < 0.5) stamps.push(takeOver(upTo(SEQUENCERS, random), false));
    const outcomes = await Promise.allSettled(stamps);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason as Error;
  }

  return {
    async step(random) {
      let at = upTo(total, random);
      for (const [weight, step] of steps) {
        at -= weight;
        if (at < 0) return step(random);
      }
    },

    async conclude() {
      for (const name of prepared.keys()) await endPrepared(name, true);
      while (writers.some(({ frames }) => frames.length > 0)) {
        for (const writer of writers) if (writer.waiting === undefined) await end(writer, true);
      }
      await stampAll();
      for (let before = -1; before < seen.length;) {
        before = seen.length;
        await follow();
      }
      expectSame(seen, committed);
      return { committed: committed.length, rolledBack };
    },

    async close() {
      for (const name of prepared.keys()) await pool.query(`rollback prepared '${name}'`);
      // Closed, whatever they were doing.
      for (const client of [bystander, ...writers.map(({ client }) => client)]) client.release(true);
    },
  };
}

function expectSame(seen: readonly Seen[], committed: readonly NewEvent[]): void {
  const positions = seen.map(({ position }) => position);
  const gap = positions.findIndex((position, index) => position !== index + 1);
  if (gap !== -1) throw new Error(`the positions are not dense: ${positions.join()}`);
  const lost = committed.filter(({ eventId }) => seen.every((event) => event.eventId !== eventId));
  if (lost.length > 0) throw new Error(`never seen: ${idsOf(lost)}`);
  if (seen.length !== committed.length) throw new Error(`seen, not committed: ${idsOf(seen)}`);
  for (const subject of new Set(committed.map((event) => event.subject))) {
    const expected = committed.filter((event) => event.subject === subject).map(({ eventId }) => eventId);
    const found = seen.filter(({ eventId }) => expected.includes(eventId)).map(({ eventId }) => eventId);
    if (found.join() !== expected.join()) {
      throw new Error(`${subject} was changed in the order ${expected.join()}, seen as ${found.join()}`);
    }
  }
}

function byPosition(store: EventStore<SqlClient>): Pager {
  return async (cursor) => {
    const seen = await store.log.read(cursor, 7);
    return { seen, cursor: seen.at(-1)?.position ?? cursor };
  };
}

function rewriting(sql: Sql, { rewrite }: Mistake): Sql {
  if (rewrite === undefined) return sql;
  return {
    query: (text, values) => sql.query(rewrite(text), values),
    transaction: (run) =>
      sql.transaction((tx) => run({ ...tx, query: (text, values) => tx.query(rewrite(text), values) })),
  };
}

async function allowsPreparedTransactions(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ allowed: string }>(
    `select current_setting('max_prepared_transactions') as allowed`,
  );
  return rows[0]?.allowed !== '0';
}

function isInjected(error: unknown): boolean {
  return error instanceof Error && error.message === 'the connection was cut';
}

function isNote(event: NewEvent): boolean {
  return event.subject?.startsWith('note') === true;
}

function idsOf(events: readonly { readonly eventId: string }[]): string {
  return events.map(({ eventId }) => eventId).join();
}

function upTo(count: number, random: () => number): number {
  return Math.floor(random() * count);
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[upTo(items.length, random)];
}
