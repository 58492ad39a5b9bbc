import type {
  ClaimedDelivery,
  DeliveryResult,
  DeliveryStore,
  ExhaustedDelivery,
  Exhaustion,
} from '../../kernel/webhook-ports.ts';
import { randomUUID } from 'node:crypto';
import { booleanOf, numberOf, onlyRow, textOf } from './sql.ts';
import type { Sql, SqlClient } from './sql.ts';
import { createDeliveryViews } from './delivery-views.ts';
import { ENDPOINT_COLUMNS, endpointOf } from './subscription-rows.ts';
import { stopSubscription } from './subscription-states.ts';

export function createDeliveryStore(sql: Sql): DeliveryStore {
  return {
    async insert(results): Promise<void> {
      if (results.length > 0) await sql.query(INSERT, [JSON.stringify(results.map(recordOf))]);
    },

    async update(results): Promise<void> {
      if (results.length > 0) await sql.query(UPDATE, [JSON.stringify(results.map(recordOf))]);
    },

    exhaust: (delivery) => sql.transaction((tx) => exhaust(tx, delivery)),

    async claim(options): Promise<ClaimedDelivery[]> {
      const leaseToken = randomUUID();
      const { rows } = await sql.query(CLAIM, [
        JSON.stringify(options.except),
        options.limitPerSubscription,
        options.limit,
        leaseToken,
        options.leaseMs,
      ]);
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
    },

    ...createDeliveryViews(sql),

    async recorded(from, to): Promise<ReadonlySet<string>> {
      const { rows } = await sql.query(
        `select position || ':' || subscription_id as pair from evtgen.deliveries
          where position > $1 and position <= $2`,
        [from, to],
      );
      return new Set(rows.map((row) => textOf(row, 'pair')));
    },

    async newest(): Promise<number> {
      const result = await sql.query(
        `select coalesce(max(position), 0) as position from evtgen.deliveries`,
        [],
      );
      return numberOf(onlyRow(result), 'position');
    },
  };
}

// One JSON document instead of arrays: drivers disagree about the latter.
const RESULTS = `results as materialized (
    select * from json_to_recordset($1::text::json) as r(
      position bigint, subscription_id text, event_id text, event_type text, state text, attempts jsonb,
      delay_ms double precision, lease_token text)
  )`;

/** A success ends the row of failures. Locked by id, so that two such statements cannot block each other. */
function resetFailures(delivered: string): string {
  return `recovered as (
    update evtgen.subscriptions set failure_count = 0
     where id in (select id from evtgen.subscriptions
                   where failure_count > 0 and id in (${delivered})
                   order by id for update)
  )`;
}

const INSERT = `
  with ${RESULTS}, ${resetFailures(`select subscription_id from results where state = 'delivered'`)}
  insert into evtgen.deliveries
    (position, subscription_id, event_id, event_type, state, attempt_count, attempts, due_at, lease_token)
  select r.position, r.subscription_id, r.event_id, r.event_type,
         case when r.state = 'pending' and s.state = 'deleted' then 'cancelled' else r.state end,
         jsonb_array_length(r.attempts), r.attempts,
         case when r.state = 'pending' and s.state <> 'deleted'
              then now() + r.delay_ms * interval '1 millisecond' end,
         r.lease_token
    from results r
    join evtgen.subscriptions s on s.id = r.subscription_id
  on conflict do nothing`;

const UPDATE = `
  with ${RESULTS}, settled as (
    update evtgen.deliveries d
       set state = r.state, attempts = d.attempts || r.attempts,
           attempt_count = d.attempt_count + jsonb_array_length(r.attempts),
           due_at = case when r.state = 'pending' then now() + r.delay_ms * interval '1 millisecond' end,
           lease_token = null, updated_at = now()
      from results r
     where d.position = r.position and d.subscription_id = r.subscription_id
       and (d.state = 'pending' and d.lease_token = r.lease_token
            or r.state = 'delivered' and d.state <> 'delivered')
    returning d.subscription_id, d.state, d.is_replay
  ), ${resetFailures(`select subscription_id from settled where state = 'delivered' and not is_replay`)}
  select 1`;

// Every subscription gives at most its share, whatever the others have waiting. The events are joined last: a
// claim needs the row of its event, which retention keeps as long as a delivery is pending.
const CLAIM = `
  with candidates as materialized (
    select d.position, d.subscription_id
      from evtgen.subscriptions s
     cross join lateral (
       select position, subscription_id, due_at from evtgen.deliveries
        where subscription_id = s.id and state = 'pending' and due_at <= now()
        order by due_at
        limit $2
     ) d
     where s.state = 'active' and s.id not in (select json_array_elements_text($1::text::json))
     order by d.due_at
     limit $3
  ), locked as materialized (
    select d.position, d.subscription_id
      from evtgen.deliveries d
      join candidates c on c.position = d.position and c.subscription_id = d.subscription_id
     where d.state = 'pending' and d.due_at <= now()
       for update of d skip locked
  ), claimed as (
    update evtgen.deliveries d
       set lease_token = $4, due_at = now() + $5::double precision * interval '1 millisecond', updated_at = now()
      from locked l
     where d.position = l.position and d.subscription_id = l.subscription_id
    returning d.position, d.subscription_id, d.event_id, d.event_type, d.attempt_count, d.is_replay
  )
  select c.position, c.event_id, c.event_type, c.attempt_count, c.is_replay, e.version, e.body, ${ENDPOINT_COLUMNS}
    from claimed c
    join evtgen.subscriptions s on s.id = c.subscription_id
    join evtgen.log e on e.position = c.position
   order by c.position`;

async function exhaust(tx: SqlClient, delivery: ExhaustedDelivery): Promise<Exhaustion | undefined> {
  const ended = await tx.query(
    `insert into evtgen.deliveries as d
       (position, subscription_id, event_id, event_type, state, attempt_count, attempts)
     select $1, s.id, $3, $4, 'exhausted', 1, $5::text::jsonb
       from evtgen.subscriptions s where s.id = $2 and s.state <> 'deleted'
     on conflict (position, subscription_id) do update
        set state = 'exhausted', attempts = d.attempts || excluded.attempts,
            attempt_count = d.attempt_count + 1, due_at = null, lease_token = null, updated_at = now()
      where d.state = 'pending' and d.lease_token = $6
     returning d.is_replay`,
    [
      delivery.position,
      delivery.subscriptionId,
      delivery.eventId,
      delivery.eventType,
      JSON.stringify([delivery.attempt]),
      delivery.leaseToken ?? null,
    ],
  );
  const row = ended.rows[0];
  if (row === undefined) return undefined;
  await tx.query(
    `insert into evtgen.dead_letters
       (id, kind, subscription_id, event_id, event_type, version, subject, tenant, position, body, error)
     select $1, 'delivery_exhausted', $2, event_id, event_type, version, subject, tenant, position, body, $4
       from evtgen.log where position = $3
     on conflict (position, subscription_id) where kind = 'delivery_exhausted'
     do update set error = excluded.error, created_at = now(), replayed_at = null`,
    [delivery.deadLetterId, delivery.subscriptionId, delivery.position, delivery.error],
  );
  if (booleanOf(row, 'is_replay')) return { failureCount: undefined, isDeactivated: false };

  const counted = await tx.query(
    `update evtgen.subscriptions set failure_count = failure_count + 1, updated_at = now() where id = $1
     returning failure_count`,
    [delivery.subscriptionId],
  );
  const failureCount = numberOf(onlyRow(counted), 'failure_count');
  const isDeactivated =
    failureCount >= delivery.deactivateAfter &&
    (await stopSubscription(
      tx,
      delivery.subscriptionId,
      'deactivated',
      `${failureCount} deliveries in a row failed`,
    ));
  return { failureCount, isDeactivated };
}

function recordOf(result: DeliveryResult): Record<string, unknown> {
  return {
    position: result.position,
    subscription_id: result.subscriptionId,
    event_id: result.eventId,
    event_type: result.eventType,
    state: result.state,
    attempts: result.attempt === undefined ? [] : [result.attempt],
    delay_ms: result.delayMs,
    lease_token: result.leaseToken,
  };
}
