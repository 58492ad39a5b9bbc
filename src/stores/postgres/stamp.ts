import { LeaseLostError } from '../../kernel/errors.ts';
import type { Lease } from '../../kernel/ports.ts';
import { booleanOf, numberOf, onlyRow, textOf } from './sql.ts';
import type { Sql } from './sql.ts';

export interface Stamped {
  /** How many events got a position. */
  readonly count: number;
  /** The newest position. */
  readonly head: number;
}

/**
 * Gives committed events without a position the next ones, by insert id.
 *
 * @throws LeaseLostError when the lease's epoch is no longer current
 */
export type Stamp = (lease: Lease, limit: number) => Promise<Stamped>;

/** How often it asks who is writing, for the floor below. */
const ASK_EVERY_MS = 1_000;
/** A prepared transaction goes on under another name, so it is never taken for ended. */
const PREPARED = '-1/';

/** An insert id, and the transactions that may still commit events up to it. */
interface Candidate {
  readonly insertId: number;
  readonly writers: ReadonlySet<string>;
  /** All of them have ended, so the next look sees whatever they have committed. */
  isSettled: boolean;
}

/**
 * The index of unstamped events is nearly empty to the eye, but while any transaction in the database stays open
 * its stamped entries cannot be removed, and each look would wade through all of them: 0.2 s after 100,000
 * events. So the look begins above a floor: an insert id up to which nothing can be committed any more. Who
 * inserts into a table holds a lock on it until the end, which tells writers from transactions that merely stay
 * open. Raising the floor past a writer would let events of the same subject overtake his.
 *
 * @param monotonic milliseconds that only grow
 */
export function createStamp(sql: Sql, monotonic: () => number = () => performance.now()): Stamp {
  let floor = 0;
  let candidate: Candidate | undefined;
  let askAt = 0;

  async function moveCandidate(newestInsertId: number): Promise<void> {
    // After the insert id was read: who has one up to it by now holds the lock, or has ended.
    const writers = (await sql.query(WRITERS, [])).rows.map((row) => textOf(row, 'writer'));
    candidate ??= { insertId: newestInsertId, writers: new Set(writers), isSettled: false };
    const { writers: before } = candidate;
    candidate.isSettled = !writers.some((writer) => before.has(writer) || writer.startsWith(PREPARED));
  }

  return async (lease, limit) => {
    // The usual answer while nothing happens, for one cheap round trip instead of a transaction.
    const peeked = onlyRow(await sql.query(PEEK, [floor]));
    const stamped = booleanOf(peeked, 'is_waiting')
      ? await stampAfter(sql, lease, floor, limit)
      : { count: 0, head: numberOf(peeked, 'head') };

    if (candidate !== undefined && candidate.isSettled && stamped.count < limit) {
      floor = candidate.insertId;
      candidate = undefined;
    }
    if (monotonic() >= askAt) {
      askAt = monotonic() + ASK_EVERY_MS;
      await moveCandidate(numberOf(peeked, 'newest_insert_id'));
    }
    return stamped;
  };
}

function stampAfter(sql: Sql, lease: Lease, after: number, limit: number): Promise<Stamped> {
  return sql.transaction(async (tx) => {
    // Two statements on purpose. In READ COMMITTED each sees what was committed when it began, and one that has
    // to wait for a lock goes on with that view. A single statement that waited here for another sequencer
    // would still see that one's events as unstamped and its lease as current, and would stamp them twice. The
    // second one begins when the lock is ours.
    const before = numberOf(onlyRow(await tx.query(LOCK, [])), 'position');
    const values = [lease.role, lease.holder, lease.epoch, before, after, limit];
    const result = onlyRow(await tx.query(STAMP, values));
    if (booleanOf(result, 'is_current') === false) throw new LeaseLostError(lease.role);
    const count = numberOf(result, 'picked');
    if (numberOf(result, 'stamped') !== count) {
      // Rolled back with it, the positions leave no gap.
      throw new Error('events were deleted by hand while they got their positions');
    }
    return { count, head: before + count };
  });
}

// `order by` keeps the planner on the small index of unstamped events, whatever its statistics say: they may
// date from a moment when half of the table was waiting. A sequence that was never used shows the id it will give
// first; taken for one that was given, it would raise the floor above the first event.
const PEEK = `
  select exists (select from evtgen.events where position is null and insert_id > $1
                  order by insert_id limit 1) as is_waiting,
         (select last_value - case when is_called then 0 else 1 end from evtgen.events_insert_id_seq)
           as newest_insert_id,
         (select position from evtgen.log_head) as head`;

const WRITERS = `
  select distinct virtualtransaction as writer from pg_locks
   where locktype = 'relation' and mode = 'RowExclusiveLock' and relation = 'evtgen.events'::regclass
     and database = (select oid from pg_database where datname = current_database())`;

// The settings end with the transaction. Statistics cannot tell how many events wait right now; with a wrong
// guess the planner sorts the whole backlog for each batch, or spends longer on compiling than on running.
const LOCK = `
  select position,
         set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
         set_config('enable_sort', 'off', true), set_config('jit', 'off', true)
    from evtgen.log_head
     for update`;

// An array instead of a join, for the same reason: there is no join order to be guessed wrong. In a sorted array
// width_bucket finds the place of a member by binary search.
const STAMP = `
  with fence as (
    select from evtgen.leases where role = $1 and holder = $2 and epoch = $3
  ), batch as (
    select coalesce(array_agg(insert_id order by insert_id), '{}') as ids
      from (select insert_id from evtgen.events
             where position is null and insert_id > $5 and exists (select from fence)
             order by insert_id
             limit $6) waiting
  ), stamped as (
    update evtgen.events
       set position = $4::bigint + width_bucket(insert_id, (select ids from batch))
     where position is null and insert_id = any ((select ids from batch)::bigint[])
    returning 1
  ), moved as (
    update evtgen.log_head set position = $4::bigint + (select cardinality(ids) from batch)
  )
  select exists (select from fence) as is_current,
         (select cardinality(ids) from batch) as picked,
         (select count(*) from stamped) as stamped`;
