import { LeaseLostError } from '../../kernel/errors.ts';
import type { Lease } from '../../kernel/ports.ts';
import type { RetentionPage, RetentionStep, RetentionStore } from '../../kernel/retention.ts';
import { WEBHOOKS_READER } from '../../kernel/webhook-ports.ts';
import { leaseIsCurrent } from './leases.ts';
import { booleanOf, numberOf, onlyRow, optionalTextOf } from './sql.ts';
import type { Sql } from './sql.ts';
import { IS_FOR_SUBSCRIPTION } from './subscription-rows.ts';

/**
 * Deletes old rows. Each statement looks at a page of the oldest and judges and deletes in one view of the database,
 * and rows that have to stay are passed over by the next page. It ends at a page of which nothing is old enough.
 */
export function createRetentionStore(sql: Sql): RetentionStore {
  async function step(
    statement: string,
    lease: Lease,
    page: RetentionPage,
    ...more: unknown[]
  ): Promise<RetentionStep> {
    const values = [lease.role, lease.holder, lease.epoch, page.olderThanMs, page.limit, page.after ?? null];
    const row = onlyRow(await sql.query(statement, [...values, ...more]));
    if (booleanOf(row, 'is_current') === false) throw new LeaseLostError(lease.role);
    return { deleted: numberOf(row, 'deleted'), next: optionalTextOf(row, 'next') };
  }

  return {
    deleteEvents: (lease, readers, page) => step(DELETE_EVENTS, lease, page, JSON.stringify(readers)),
    deleteDeliveries: (lease, page) => step(DELETE_DELIVERIES, lease, page, WEBHOOKS_READER),
    deleteDeadLetters: (lease, page) => step(DELETE_DEAD_LETTERS, lease, page),

    async cancelOrphans(lease): Promise<number> {
      const row = onlyRow(await sql.query(CANCEL_ORPHANS, [lease.role, lease.holder, lease.epoch]));
      if (booleanOf(row, 'is_current') === false) throw new LeaseLostError(lease.role);
      return numberOf(row, 'cancelled');
    },
  };
}

const FENCE = `fence as materialized (
    select where ${leaseIsCurrent()}
  )`;

/** True when the time in the column is old enough. */
const isOld = (column: string): string =>
  `${column} < now() - $4::double precision * interval '1 millisecond'`;

/** True when the delivery or event at this position has a dead letter that is open. */
const hasOpenLetter = (position: string): string => `exists (
  select from evtgen.dead_letters l
   where l.position = ${position} and (l.replayed_at is null or l.is_republishing))`;

/** True when the subscription `s` is stopped and would get this position if it were resumed. */
const couldResumeWith = (position: string): string =>
  `s.state in ('disabled', 'deactivated') and ${position} > greatest(s.start_position, s.stopped_position)`;

/** What every step tells; a page that was full of old rows has another one behind it. */
const answer = (deleted: string, key: string): string => `
  select exists (select from fence) as is_current,
         (select count(*) from ${deleted}) as deleted,
         case when (select count(*) from page) = $5::bigint and exists (select from page where is_old)
              then (select ${key} from page order by ordinal desc limit 1) end as next`;

const DELETE_EVENTS = `
  with ${FENCE}, passed as materialized (
    select coalesce(min(position), 0) as position from evtgen.cursors
     where not exists (select from json_array_elements_text($7::text::json) as r(reader)
                        where r.reader not in (select reader from evtgen.cursors))
  ), page as materialized (
    select p.position, p.insert_id, e.tenant, e.audience, e.event_type, ${isOld('e.recorded_at')} as is_old,
           row_number() over (order by p.position) as ordinal
      from (select position, insert_id from evtgen.positions
             where position > coalesce($6::bigint, 0) and position <= (select position from passed)
               and exists (select from fence)
             order by position
             limit $5) p
     cross join lateral (select * from evtgen.events where insert_id = p.insert_id limit 1) e
  ), needless as materialized (
    select e.position, e.insert_id from page e
     where e.is_old
       and not exists (select from evtgen.deliveries d where d.position = e.position and d.state = 'pending')
       and not ${hasOpenLetter('e.position')}
       and not exists (select from evtgen.subscriptions s
                        where ${couldResumeWith('e.position')} and ${IS_FOR_SUBSCRIPTION})
  ), positions as (
    delete from evtgen.positions where position in (select position from needless)
  ), events as (
    delete from evtgen.events where insert_id in (select insert_id from needless)
  ), floor as (
    update evtgen.log_floor set position = greatest(position, (select max(position) from needless))
     where exists (select from needless)
  )
  ${answer('needless', 'position::text')}`;

// The fan-out asks for the rows above its cursor when it begins again, and a resume for those since the stop.
const DELETE_DELIVERIES = `
  with ${FENCE}, page as materialized (
    select d.position, d.subscription_id, d.state, d.updated_at, ${isOld('d.created_at')} as is_old,
           row_number() over (order by d.position, d.subscription_id) as ordinal
      from (select * from evtgen.deliveries
             where (position, subscription_id) >
                     (coalesce(split_part($6::text, ':', 1)::bigint, 0),
                      coalesce(substr($6::text, strpos($6::text, ':') + 1), ''))
               and position <= (select position from evtgen.cursors where reader = $7)
               and exists (select from fence)
             order by position, subscription_id
             limit $5) d
  ), needless as materialized (
    select d.position, d.subscription_id from page d
     where d.is_old and d.state <> 'pending' and ${isOld('d.updated_at')}
       and not ${hasOpenLetter('d.position')}
       and not exists (select from evtgen.subscriptions s
                        where s.id = d.subscription_id and ${couldResumeWith('d.position')})
  ), deliveries as (
    delete from evtgen.deliveries d using needless n
     where d.position = n.position and d.subscription_id = n.subscription_id and d.state <> 'pending'
    returning 1
  )
  ${answer('deliveries', `position || ':' || subscription_id`)}`;

const DELETE_DEAD_LETTERS = `
  with ${FENCE}, page as materialized (
    select l.id, l.is_republishing, ${isOld('l.created_at')} as is_old, row_number() over (order by l.id) as ordinal
      from (select id, is_republishing, created_at from evtgen.dead_letters
             where id > coalesce($6::text, '') and exists (select from fence)
             order by id
             limit $5) l
  ), letters as (
    delete from evtgen.dead_letters
     where id in (select id from page where is_old) and not is_republishing and ${isOld('created_at')}
    returning 1
  )
  ${answer('letters', 'id')}`;

const CANCEL_ORPHANS = `
  with ${FENCE}, cancelled as (
    update evtgen.deliveries d
       set state = 'cancelled', due_at = null, lease_token = null, updated_at = now()
     where d.state = 'pending' and exists (select from fence)
       and (d.position, d.subscription_id) in (
         select o.position, o.subscription_id from evtgen.deliveries o
          where o.state = 'pending' and o.position <= (select position from evtgen.log_floor)
            and not exists (select from evtgen.positions p where p.position = o.position)
         union all
         select o.position, o.subscription_id from evtgen.deliveries o
           join evtgen.subscriptions s on s.id = o.subscription_id
          where o.state = 'pending' and s.state = 'deleted')
    returning 1
  )
  select exists (select from fence) as is_current, (select count(*) from cancelled) as cancelled`;
