import type {
  CountedFailure,
  Deactivation,
  DeliveryResult,
  DeliveryStore,
  ExhaustedDelivery,
} from '../../kernel/webhook-ports.ts';
import { claimDeliveries, dueInMs } from './claims.ts';
import { createDeliveryViews } from './delivery-views.ts';
import { booleanOf, numberOf, onlyRow, textOf } from './sql.ts';
import type { Sql, SqlClient } from './sql.ts';
import { stopSubscription } from './subscription-states.ts';

export function createDeliveryStore(sql: Sql): DeliveryStore {
  return {
    async insert(results): Promise<void> {
      if (results.length > 0) await sql.query(INSERT, [JSON.stringify(results.map(rowOf))]);
    },

    async update(results): Promise<void> {
      if (results.length > 0) await sql.query(UPDATE, [JSON.stringify(results.map(rowOf))]);
    },

    exhaust: (delivery) => sql.transaction((tx) => exhaust(tx, delivery)),

    countAttempt: (subscriptionId, deactivateAfter) =>
      sql.transaction((tx) => countFailure(tx, subscriptionId, deactivateAfter)),

    dueInMs: () => dueInMs(sql),
    claim: (options) => claimDeliveries(sql, options),

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

// One JSON document instead of SQL arrays: drivers disagree about the latter. Its rows are arrays, because
// json_to_recordset takes twice as long: a third of what such a statement costs the database.
const RESULTS = `results as materialized (
    select (r->>0)::bigint as position, r->>1 as subscription_id, r->>2 as event_id, r->>3 as event_type,
           r->>4 as state, r->5 as attempts, (r->>6)::double precision as delay_ms, r->>7 as lease_token
      from jsonb_array_elements($1::text::jsonb) as r
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

async function exhaust(tx: SqlClient, delivery: ExhaustedDelivery): Promise<CountedFailure | undefined> {
  // Locked before the delivery and its queue, as everybody does it who changes more than one of them.
  await tx.query(`select from evtgen.subscriptions where id = $1 for update`, [delivery.subscriptionId]);
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
       (id, kind, subscription_id, event_id, event_type, version, subject, tenant, position, error)
     select $1, 'delivery_exhausted', $2, event_id, event_type, version, subject, tenant, position, $4
       from evtgen.log where position = $3
     on conflict (position, subscription_id) where kind = 'delivery_exhausted'
     do update set error = excluded.error, created_at = now(), replayed_at = null`,
    [delivery.deadLetterId, delivery.subscriptionId, delivery.position, delivery.error],
  );
  const { subscriptionId, deactivateAfter } = delivery;
  const isCounted = deactivateAfter !== undefined && booleanOf(row, 'is_replay') === false;
  if (isCounted === false) return { failureCount: undefined, isDeactivated: false };

  return countFailure(tx, subscriptionId, deactivateAfter);
}

async function countFailure(
  tx: SqlClient,
  subscriptionId: string,
  { failures, unit }: Deactivation,
): Promise<CountedFailure> {
  const counted = await tx.query(
    `update evtgen.subscriptions set failure_count = failure_count + 1, updated_at = now() where id = $1
     returning failure_count`,
    [subscriptionId],
  );
  const failureCount = numberOf(onlyRow(counted), 'failure_count');
  const reason = `${failureCount} ${unit === 'delivery' ? 'deliveries' : 'attempts'} in a row failed`;
  const isDeactivated =
    failureCount >= failures && (await stopSubscription(tx, subscriptionId, 'deactivated', reason));
  return { failureCount, isDeactivated };
}

/** In the order of `RESULTS`. */
function rowOf(result: DeliveryResult): readonly unknown[] {
  return [
    result.position,
    result.subscriptionId,
    result.eventId,
    result.eventType,
    result.state,
    result.attempt === undefined ? [] : [result.attempt],
    result.delayMs,
    result.leaseToken,
  ];
}
