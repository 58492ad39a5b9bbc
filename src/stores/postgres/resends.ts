import type { Resent, ResendStore } from '../../kernel/resend.ts';
import { WEBHOOKS_READER } from '../../kernel/webhook-ports.ts';
import { booleanOf, numberOf, onlyRow, optionalTextOf, textOf } from './sql.ts';
import type { Row, Sql } from './sql.ts';
import { IS_FOR_SUBSCRIPTION, matchesPatternSql } from './subscription-rows.ts';

const POSITIONS_PER_LOOK = 5_000;
/** An event is recorded when its transaction begins, and gets its place when that has ended. */
const LONGEST_TRANSACTION = `interval '1 hour'`;

export function createResendStore(sql: Sql): ResendStore {
  return {
    async resend(subscriptionId, eventId): Promise<Resent> {
      const { rows } = await sql.query(RESEND, [subscriptionId, eventId, WEBHOOKS_READER]);
      return rows[0] === undefined ? 'not_found' : outcomeOf(rows[0]);
    },

    async recover(subscriptionId, after, upTo, choice): Promise<number | undefined> {
      const types = choice.eventTypes === undefined ? null : JSON.stringify(choice.eventTypes);
      const values = [subscriptionId, after, upTo, types, choice.isDeliveredToo === true];
      const row = onlyRow(await sql.query(RECOVER, values));
      return booleanOf(row, 'is_active') ? numberOf(row, 'recovered') : undefined;
    },

    async reach(subscriptionId): Promise<number | undefined> {
      const { rows } = await sql.query(
        `select ${reachSql('$2')} as position from evtgen.subscriptions s where s.id = $1 and s.state = 'active'`,
        [subscriptionId, WEBHOOKS_READER],
      );
      return rows[0] === undefined ? undefined : numberOf(rows[0], 'position');
    },

    async positionBefore(time): Promise<number> {
      const head = await sql.query(`select position from evtgen.log_head`, []);
      let end = numberOf(onlyRow(head), 'position');
      let found = end;
      // Backwards, since the time is a recent one as a rule, and nothing is sorted by it.
      while (end > 0) {
        const start = Math.max(end - POSITIONS_PER_LOOK, 0);
        const row = onlyRow(await sql.query(LOOK, [start, end, time.toISOString()]));
        if (row['first'] != null) found = numberOf(row, 'first') - 1;
        if (booleanOf(row, 'is_earlier')) break;
        end = start;
      }
      return found;
    },
  };
}

function outcomeOf(row: Row): Resent {
  if (booleanOf(row, 'is_resent')) return 'resent';
  if (textOf(row, 'subscription_state') !== 'active') return 'subscription_not_active';
  return optionalTextOf(row, 'state') === undefined ? 'not_attempted_yet' : 'already_pending';
}

/** Up to here every event has its delivery; what comes later may be in the hands of the fan-out. */
function reachSql(reader: string): string {
  return `greatest(s.start_position, coalesce((select position from evtgen.cursors where reader = ${reader}), 0))`;
}

/** Makes the deliveries of `target` due; whoever else changed one meanwhile keeps it. */
function requeue(condition: string): string {
  return `requeued as (
    insert into evtgen.deliveries as d
      (position, subscription_id, event_id, event_type, state, attempt_count, attempts, is_replay, due_at)
    select position, $1, event_id, event_type, 'pending', 0, '[]', true, now() from target where is_wanted
    on conflict (position, subscription_id) do update
       set state = 'pending', attempt_count = 0, is_replay = true, due_at = now(), lease_token = null,
           updated_at = now()
     where ${condition}
    returning position
  ), replayed as (
    update evtgen.dead_letters set replayed_at = now()
     where kind = 'delivery_exhausted' and subscription_id = $1 and replayed_at is null
       and position in (select position from requeued)
  )`;
}

const RESEND = `
  with target as (
    select e.position, e.event_id, e.event_type, d.state, s.state as subscription_state,
           s.state = 'active'
             and (d.state in ('delivered', 'exhausted', 'skipped')
                  or d.state is null and e.position <= ${reachSql('$3')}) as is_wanted
      from evtgen.subscriptions s
      join evtgen.log e on e.event_id = $2
      left join evtgen.deliveries d on d.position = e.position and d.subscription_id = s.id
     where s.id = $1 and (d.state is not null or ${IS_FOR_SUBSCRIPTION})
       -- It has a delivery and is not public: its data was erased.
       and e.audience = 'public'
  ), ${requeue(`d.state in ('delivered', 'exhausted', 'skipped')`)}
  select state, subscription_state, exists (select from requeued) as is_resent from target`;

const IS_RECOVERABLE = `(d.state in ('exhausted', 'skipped') or $5::boolean and d.state = 'delivered')`;

const RECOVER = `
  with active as (
    select * from evtgen.subscriptions where id = $1 and state = 'active'
  ), target as (
    select e.position, e.event_id, e.event_type, true as is_wanted
      from active s
      join evtgen.log e on ${IS_FOR_SUBSCRIPTION}
      left join evtgen.deliveries d on d.position = e.position and d.subscription_id = s.id
     where e.position > $2 and e.position <= $3
       and (d.state is null or ${IS_RECOVERABLE})
       and ($4::text is null or exists (
             select from json_array_elements_text($4::text::json) as f(pattern)
              where ${matchesPatternSql('pattern', 'e.event_type')}))
     order by e.position
  ), ${requeue(IS_RECOVERABLE)}
  select exists (select from active) as is_active, (select count(*) from requeued) as recovered`;

const LOOK = `
  select min(position) filter (where recorded_at >= $3::timestamptz) as first,
         coalesce(max(recorded_at) < $3::timestamptz - ${LONGEST_TRANSACTION}, true) as is_earlier
    from evtgen.log
   where position > $1 and position <= $2`;
