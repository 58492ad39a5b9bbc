import { randomUUID } from 'node:crypto';
import type { ClaimedDelivery, ClaimOptions } from '../../kernel/webhook-ports.ts';
import { booleanOf, numberOf, onlyRow, textOf } from './sql.ts';
import type { Sql } from './sql.ts';
import { ENDPOINT_COLUMNS, endpointOf } from './subscription-rows.ts';

/** Milliseconds until the first delivery may be claimed, undefined when none is waiting; one look into an index. */
export async function dueInMs(sql: Sql): Promise<number | undefined> {
  const { rows } = await sql.query(
    `select ceil(extract(epoch from min(due_at) - now()) * 1000)::bigint as due_in_ms
       from evtgen.delivery_queues where due_at is not null`,
    [],
  );
  const row = onlyRow({ rows });
  return row['due_in_ms'] == null ? undefined : Math.max(numberOf(row, 'due_in_ms'), 0);
}

/**
 * Claims due deliveries, of every subscription at most its share. Two statements, so that the second sees whatever
 * was committed before the queues were locked: otherwise a delivery that is put off at this moment could be missed
 * and its queue be put to sleep. Whoever puts one off later waits for the lock and wakes the queue again.
 */
export async function claimDeliveries(sql: Sql, options: ClaimOptions): Promise<ClaimedDelivery[]> {
  const leaseToken = randomUUID();
  const rows = await sql.transaction(async (tx) => {
    const queues = await tx.query(LOCK_QUEUES, [JSON.stringify(options.except), options.limit]);
    if (queues.rows.length === 0) return [];
    const claimed = await tx.query(CLAIM, [
      JSON.stringify(queues.rows.map((row) => textOf(row, 'subscription_id'))),
      options.limitPerSubscription,
      options.limit,
      leaseToken,
      options.leaseMs,
    ]);
    return claimed.rows;
  });
  return rows.map((row) => ({
    position: numberOf(row, 'position'),
    subscriptionId: textOf(row, 'id'),
    eventId: textOf(row, 'event_id'),
    eventType: textOf(row, 'event_type'),
    leaseToken,
    attemptCount: numberOf(row, 'attempt_count'),
    isReplay: booleanOf(row, 'is_replay'),
    endpoint: endpointOf(row),
    version: numberOf(row, 'version'),
    body: textOf(row, 'body'),
  }));
}

const LOCK_QUEUES = `
  select subscription_id from evtgen.delivery_queues
   where due_at <= now() and subscription_id not in (select json_array_elements_text($1::text::json))
   order by due_at
   limit $2
     for update skip locked`;

/**
 * Attempts that `max_per_second` leaves at the moment. This row is the only place where they are spent, under its
 * lock, so the limit holds over all processes. A tenth of a second's worth may go out at once: claims come in
 * bursts, and with no stock at all the rate would never be reached.
 */
const TOKENS = `case when s.max_per_second is not null then least(
    greatest(s.max_per_second / 10, 1),
    coalesce(q.tokens, 'Infinity') +
      s.max_per_second * extract(epoch from greatest(now() - q.counted_at, interval '0'))::double precision
  ) end`;

// `waiting` holds one more of each subscription than it may have, which tells when its queue is to be looked at
// again. An ordered subscription has only its first one considered: while that is claimed or waits for its retry,
// nothing else is due. The event is joined last; retention keeps it as long as a delivery is pending.
const CLAIM = `
  with queues as materialized (
    select q.subscription_id, s.is_ordered, s.max_per_second, s.state = 'active' as is_active, ${TOKENS} as tokens
      from evtgen.delivery_queues q
      join evtgen.subscriptions s on s.id = q.subscription_id
     where q.subscription_id in (select json_array_elements_text($1::text::json))
  ), waiting as materialized (
    select q.subscription_id, q.tokens, d.position, d.due_at,
           row_number() over (partition by q.subscription_id order by d.due_at, d.position) as turn
      from queues q
     cross join lateral (
       (select position, due_at from evtgen.deliveries
         where not q.is_ordered and subscription_id = q.subscription_id and state = 'pending'
         order by due_at
         limit $2 + 1)
       union all
       (select position, due_at from evtgen.deliveries
         where q.is_ordered and subscription_id = q.subscription_id and state = 'pending'
         order by position
         limit 1)
     ) d
     where q.is_active
  ), chosen as materialized (
    select position, subscription_id
      from waiting
     where due_at <= now() and turn <= least($2, coalesce(floor(tokens), $2))
     order by turn, due_at
     limit $3
  ), locked as materialized (
    select d.position, d.subscription_id
      from evtgen.deliveries d
      join chosen c on c.position = d.position and c.subscription_id = d.subscription_id
     where d.state = 'pending' and d.due_at <= now()
       for update of d skip locked
  ), claimed as (
    update evtgen.deliveries d
       set lease_token = $4, due_at = now() + $5::double precision * interval '1 millisecond', updated_at = now()
      from locked l
     where d.position = l.position and d.subscription_id = l.subscription_id
    returning d.position, d.subscription_id, d.event_id, d.event_type, d.attempt_count, d.is_replay
  ), looked_at as (
    select q.subscription_id, q.max_per_second, q.tokens - count(l.position) as tokens,
           min(w.due_at) filter (where l.position is null) as due_at
      from queues q
      left join waiting w on w.subscription_id = q.subscription_id
      left join locked l on l.position = w.position and l.subscription_id = w.subscription_id
     group by q.subscription_id, q.max_per_second, q.tokens
  ), rescheduled as (
    update evtgen.delivery_queues q
       set tokens = a.tokens, counted_at = now(),
           due_at = case when a.due_at is not null then greatest(a.due_at, now() +
             case when a.tokens < 1 then (1 - a.tokens) / a.max_per_second else 0 end * interval '1 second') end
      from looked_at a
     where q.subscription_id = a.subscription_id
  )
  select c.position, c.event_id, c.event_type, c.attempt_count, c.is_replay, e.version, e.body, ${ENDPOINT_COLUMNS}
    from claimed c
    join evtgen.subscriptions s on s.id = c.subscription_id
    join evtgen.log e on e.position = c.position
   order by c.position`;
