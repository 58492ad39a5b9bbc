import { LeaseLostError } from '../../kernel/errors.ts';
import type { Lease } from '../../kernel/ports.ts';
import { booleanOf, numberOf, onlyRow } from './sql.ts';
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
export async function stamp(sql: Sql, lease: Lease, limit: number): Promise<Stamped> {
  // The usual answer while nothing happens, for one cheap round trip instead of a transaction.
  const peeked = onlyRow(await sql.query(PEEK, []));
  if (booleanOf(peeked, 'is_waiting') === false) return { count: 0, head: numberOf(peeked, 'head') };

  return sql.transaction(async (tx) => {
    // Two statements on purpose. In READ COMMITTED each sees what was committed when it began, and one that has
    // to wait for a lock goes on with that view. A single statement that waited here for another sequencer
    // would still see that one's events as unstamped and its lease as current, and would stamp them twice. The
    // second one begins when the lock is ours.
    const before = numberOf(onlyRow(await tx.query(LOCK, [])), 'position');
    const values = [lease.role, lease.holder, lease.epoch, before, limit];
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
// date from a moment when half of the table was waiting.
const PEEK = `
  select exists (select from evtgen.events where position is null order by insert_id limit 1) as is_waiting,
         (select position from evtgen.log_head) as head`;

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
             where position is null and exists (select from fence)
             order by insert_id
             limit $5) waiting
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
