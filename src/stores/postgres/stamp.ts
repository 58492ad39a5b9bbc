import { LeaseLostError } from '../../kernel/errors.ts';
import type { Lease } from '../../kernel/ports.ts';
import { createInsertIds } from './insert-ids.ts';
import type { Gap, InsertIds } from './insert-ids.ts';
import { leaseIsCurrent } from './leases.ts';
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

/** How often it asks who is writing, while there are gaps. */
const ASK_EVERY_MS = 250;
/** Gaps up to this size are looked for id by id, which the planner can reckon with; larger ones as ranges. */
const MAX_LISTED_IDS = 64;

/** What the holder of the lease knows; another holder's acts make it worthless. */
interface Knowledge {
  readonly epoch: number;
  readonly insertIds: InsertIds;
  readonly head: number;
}

/**
 * Events are committed in another order than they are inserted, so looking beyond the newest insert id would pass
 * over whoever commits late. The leader therefore remembers the gaps that it has passed, and looks into them again
 * until nobody is left who could fill them. That makes a look cheap whatever the log holds and however long a
 * transaction somewhere stays open, and positions can be written once, beside the events.
 *
 * Everything happens in single statements of their own: a process that is frozen in between, or whose connection
 * hangs, holds no lock. The row of the head is the fence. Who takes over writes its epoch there before it learns what
 * has happened so far, and a stamp moves the head only from the position and the epoch that it was told; if it has to
 * wait for the lock of the row, PostgreSQL compares them with what has become of the row meanwhile.
 *
 * @param monotonic milliseconds that only grow
 */
export function createStamp(sql: Sql, monotonic: () => number = () => performance.now()): Stamp {
  // Taken by a stamp and put back when it has succeeded: of two at once, each acts on what it has seen itself.
  let known: Knowledge | undefined;
  let askAt = 0;

  async function lookForWriters(insertIds: InsertIds): Promise<void> {
    if (insertIds.gaps().length === 0 || monotonic() < askAt) return;
    // Before the look: whoever has ended by now has committed what it sees, or nothing.
    const { rows } = await sql.query(WRITERS, []);
    insertIds.observe(rows.map((row) => textOf(row, 'writer')));
    askAt = monotonic() + ASK_EVERY_MS;
  }

  /** Undefined when somebody else has moved the head meanwhile. */
  async function tryToStamp(lease: Lease, limit: number): Promise<Stamped | undefined> {
    let knowledge = known;
    known = undefined;
    if (knowledge === undefined || knowledge.epoch !== lease.epoch) knowledge = await takeOver(sql, lease);
    const { insertIds, head } = knowledge;
    await lookForWriters(insertIds);
    const row = onlyRow(await sql.query(STAMP, valuesOf(lease, limit, knowledge)));
    if (booleanOf(row, 'is_current') === false) throw new LeaseLostError(lease.role);
    const ids = JSON.parse(textOf(row, 'ids')) as number[];
    // Also with nothing to stamp: after a failover to a server that lacks the last transactions, ids come again.
    if (numberOf(row, 'head') !== head || booleanOf(row, 'is_stamped') !== ids.length > 0) return undefined;
    insertIds.stamped(ids, ids.length < limit);
    known = { ...knowledge, head: head + ids.length };
    return { count: ids.length, head: known.head };
  }

  return async (lease, limit) => {
    for (;;) {
      const stamped = await tryToStamp(lease, limit);
      if (stamped !== undefined) return stamped;
    }
  };
}

/** Two statements, since one that had to wait for a stamp under way would not see what that one wrote. */
async function takeOver(sql: Sql, lease: Lease): Promise<Knowledge> {
  const { role, holder, epoch } = lease;
  const [fence] = (await sql.query(FENCE, [role, holder, epoch])).rows;
  if (fence === undefined) throw new LeaseLostError(role);
  // Given as a value: joined to the row of the head, the planner reckons with a third of all positions and reads them all.
  const row = onlyRow(await sql.query(LEARN, [numberOf(fence, 'settled_insert_id')]));
  const gaps = JSON.parse(textOf(row, 'gaps')) as Gap[];
  return { epoch, insertIds: createInsertIds(numberOf(row, 'newest'), gaps), head: numberOf(row, 'head') };
}

function valuesOf(lease: Lease, limit: number, { insertIds, head }: Knowledge): unknown[] {
  const listed: number[] = [];
  const ranges: Gap[] = [];
  for (const gap of insertIds.gaps()) {
    if (gap.to - gap.from >= MAX_LISTED_IDS) ranges.push(gap);
    else for (let id = gap.from; id <= gap.to; id += 1) listed.push(id);
  }
  return [
    lease.role,
    lease.holder,
    lease.epoch,
    head,
    insertIds.newest(),
    insertIds.settled(),
    `{${listed.join()}}`,
    `{${ranges.map(({ from }) => from).join()}}`,
    `{${ranges.map(({ to }) => to).join()}}`,
    limit,
  ];
}

const WRITERS = `
  select distinct virtualtransaction as writer from pg_locks
   where locktype = 'relation' and mode = 'RowExclusiveLock' and relation = 'evtgen.events'::regclass
     and database = (select oid from pg_database where datname = current_database())`;

const FENCE = `
  update evtgen.log_head set epoch = $3
   where epoch <= $3 and ${leaseIsCurrent()}
  returning settled_insert_id`;

const LEARN = `
  with stamped as (
    select insert_id, lag(insert_id, 1, $1::bigint) over (order by insert_id) as before
      from evtgen.positions where insert_id > $1
  )
  select h.position as head,
         greatest($1::bigint, (select max(insert_id) from stamped)) as newest,
         coalesce((select json_agg(json_build_object('from', before + 1, 'to', insert_id - 1) order by insert_id)
                     from stamped where insert_id > before + 1), '[]')::text as gaps
    from evtgen.log_head h`;

const STAMP = `
  with fence as (
    select where ${leaseIsCurrent()}
  ), found as (
    select insert_id, subject from evtgen.events where insert_id = any ($7::text::bigint[])
    union all
    select e.insert_id, e.subject
      from unnest($8::text::bigint[], $9::text::bigint[]) as gap(first, last)
     cross join lateral (
       select insert_id, subject from evtgen.events where insert_id between first and last
        order by insert_id limit $10
     ) e
    union all
    (select insert_id, subject from evtgen.events where insert_id > $5 order by insert_id limit $10)
  ), picked as materialized (
    select insert_id, subject, row_number() over (order by insert_id) as place
      from found
     order by insert_id
     limit $10
  ), moved as (
    update evtgen.log_head
       set position = $4::bigint + (select count(*) from picked), settled_insert_id = $6
     where position = $4 and epoch = $3 and exists (select from picked) and exists (select from fence)
    returning 1
  ), stamped as (
    insert into evtgen.positions (position, insert_id, subject)
    select $4::bigint + place, insert_id, subject from picked where exists (select from moved)
  )
  select exists (select from fence) as is_current,
         exists (select from moved) as is_stamped,
         (select position from evtgen.log_head) as head,
         coalesce((select json_agg(insert_id order by insert_id) from picked), '[]')::text as ids`;
