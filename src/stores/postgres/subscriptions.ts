import { WEBHOOKS_READER } from '../../kernel/webhook-ports.ts';
import type {
  Endpoint,
  PayloadProfile,
  Subscription,
  SubscriptionState,
  SubscriptionStore,
} from '../../kernel/webhook-ports.ts';
import { booleanOf, numberOf, onlyRow, optionalTextOf, textOf } from './sql.ts';
import type { Row, Sql, SqlClient } from './sql.ts';

const COLUMNS = `id, tenant, url, description, to_json(event_types)::text as event_types, payload,
  versions::text as versions, is_ordered, max_per_second, retry_schedule::text as retry_schedule, state, state_reason,
  start_position, failure_count, (extract(epoch from created_at) * 1000)::bigint as created_ms`;

/** The secrets of a subscription, for statements that name its table `s`. */
export const ENDPOINT_COLUMNS = `s.id, s.tenant, s.url, s.description, to_json(s.event_types)::text as event_types,
  s.payload, s.versions::text as versions, s.is_ordered, s.max_per_second, s.retry_schedule::text as retry_schedule, s.state, s.state_reason, s.start_position, s.failure_count,
  (extract(epoch from s.created_at) * 1000)::bigint as created_ms, s.secret, s.headers,
  case when s.previous_secret_expires_at > now() then s.previous_secret end as previous_secret`;

const COUNT_CHANGE = `update evtgen.subscription_changes set change = change + 1`;

export function createSubscriptionStore(sql: Sql): SubscriptionStore {
  return {
    async create(subscription): Promise<Subscription> {
      const { rows } = await sql.query(
        `with counted as (${COUNT_CHANGE} returning 1)
         insert into evtgen.subscriptions
           (id, tenant, url, description, event_types, secret, headers, payload, versions, is_ordered,
            max_per_second, retry_schedule, start_position)
         select $1, $2, $3, $4, array(select json_array_elements_text($5::text::json)), $6, $7, $8, $9::text::jsonb,
                $10, $11, $12::text::jsonb, h.position
           from evtgen.log_head h, counted
         returning ${COLUMNS}`,
        [
          subscription.id,
          subscription.tenant ?? null,
          subscription.url,
          subscription.description ?? null,
          JSON.stringify(subscription.eventTypes),
          subscription.sealedSecret,
          subscription.sealedHeaders ?? null,
          subscription.payload,
          JSON.stringify(subscription.versions),
          subscription.isOrdered,
          subscription.maxPerSecond ?? null,
          subscription.retrySchedule === undefined ? null : JSON.stringify(subscription.retrySchedule),
        ],
      );
      return subscriptionOf(onlyRow({ rows }));
    },

    async list(tenant, page): Promise<Subscription[]> {
      const { rows } = await sql.query(
        `select ${COLUMNS} from evtgen.subscriptions
          where ${ofTenant('$1')} and state <> 'deleted' and id > $2
          order by id
          limit $3`,
        [tenant ?? null, page.after ?? '', page.limit],
      );
      return rows.map(subscriptionOf);
    },

    async find(tenant, id): Promise<Subscription | undefined> {
      const { rows } = await sql.query(
        `select ${COLUMNS} from evtgen.subscriptions where id = $2 and ${ofTenant('$1')} and state <> 'deleted'`,
        [tenant ?? null, id],
      );
      return rows[0] === undefined ? undefined : subscriptionOf(rows[0]);
    },

    async remove(tenant, id): Promise<boolean> {
      const { rows } = await sql.query(
        `with removed as (
           update evtgen.subscriptions
              set state = 'deleted', secret = null, previous_secret = null, headers = null, updated_at = now()
            where id = $2 and ${ofTenant('$1')} and state <> 'deleted'
           returning id
         ), cancelled as (
           update evtgen.deliveries
              set state = 'cancelled', due_at = null, lease_token = null, updated_at = now()
            where subscription_id in (select id from removed) and state = 'pending'
         ), counted as (${COUNT_CHANGE} where exists (select from removed))
         select id from removed`,
        [tenant ?? null, id],
      );
      return rows.length > 0;
    },

    enable: (tenant, id, from) =>
      sql.transaction(async (tx) => {
        const { rows } = await tx.query(
          `select state, greatest(start_position, stopped_position) as stopped_at
             from evtgen.subscriptions
            where id = $2 and ${ofTenant('$1')} and state <> 'deleted'
              for update`,
          [tenant ?? null, id],
        );
        const row = rows[0];
        if (row === undefined) return undefined;
        if (textOf(row, 'state') !== 'active') {
          if (from === 'resume') await resume(tx, id, numberOf(row, 'stopped_at'));
          else await skip(tx, id);
        }
        const after = await tx.query(`select ${COLUMNS} from evtgen.subscriptions where id = $1`, [id]);
        return subscriptionOf(onlyRow(after));
      }),

    stop: (id, state, reason) => stopSubscription(sql, id, state, reason),

    async change(): Promise<number> {
      return numberOf(
        onlyRow(await sql.query(`select change from evtgen.subscription_changes`, [])),
        'change',
      );
    },

    async endpoints(): Promise<Endpoint[]> {
      const { rows } = await sql.query(
        `select ${ENDPOINT_COLUMNS} from evtgen.subscriptions s where s.state = 'active'`,
        [],
      );
      return rows.map(endpointOf);
    },
  };
}

/** Also used inside the transaction that ends a delivery. */
export async function stopSubscription(
  client: SqlClient,
  id: string,
  state: 'disabled' | 'deactivated',
  reason: string,
): Promise<boolean> {
  // Up to the cursor every event has its rows; what came later is found in the log when it is resumed.
  const { rows } = await client.query(
    `with stopped as (
       update evtgen.subscriptions
          set state = $2, state_reason = $3, updated_at = now(),
              stopped_position = coalesce((select position from evtgen.cursors where reader = $4), 0)
        where id = $1 and state = 'active'
       returning id
     ), counted as (${COUNT_CHANGE} where exists (select from stopped))
     select id from stopped`,
    [id, state, reason, WEBHOOKS_READER],
  );
  return rows.length > 0;
}

/**
 * Puts everything since the stop into rows. The head is locked for the last, short stretch only: no event can get
 * a position between that stretch and the moment from which the fan-out sees the subscription.
 */
async function resume(tx: SqlClient, id: string, stoppedAt: number): Promise<void> {
  await tx.query(
    `update evtgen.deliveries set due_at = now() where subscription_id = $1 and state = 'pending'
        and lease_token is null`,
    [id],
  );
  const soFar = numberOf(onlyRow(await tx.query(`select position from evtgen.log_head`, [])), 'position');
  await putOff(tx, id, stoppedAt, soFar);
  const head = await lockHead(tx);
  await putOff(tx, id, soFar, head);
  await activate(tx, id, head);
}

async function skip(tx: SqlClient, id: string): Promise<void> {
  await tx.query(
    `update evtgen.deliveries set state = 'skipped', due_at = null, lease_token = null, updated_at = now()
      where subscription_id = $1 and state = 'pending'`,
    [id],
  );
  await activate(tx, id, await lockHead(tx));
}

async function lockHead(tx: SqlClient): Promise<number> {
  return numberOf(onlyRow(await tx.query(`select position from evtgen.log_head for share`, [])), 'position');
}

/** Rows for the events that the subscription would have got; the filter is that of `matchesFilter`. */
async function putOff(tx: SqlClient, id: string, from: number, to: number): Promise<void> {
  await tx.query(
    `insert into evtgen.deliveries
       (position, subscription_id, event_id, event_type, state, attempt_count, attempts, due_at)
     select e.position, s.id, e.event_id, e.event_type, 'pending', 0, '[]', now()
       from evtgen.subscriptions s
       join evtgen.log e on e.tenant is not distinct from s.tenant and e.audience = 'public'
      where s.id = $1 and e.position > $2 and e.position <= $3
        and exists (select from unnest(s.event_types) as f(pattern)
                     where pattern in ('*', e.event_type)
                        or (right(pattern, 2) = '.*' and starts_with(e.event_type, left(pattern, -1))))
     on conflict do nothing`,
    [id, from, to],
  );
}

async function activate(tx: SqlClient, id: string, position: number): Promise<void> {
  await tx.query(
    `update evtgen.subscriptions
        set state = 'active', state_reason = null, start_position = $2, stopped_position = null,
            failure_count = 0, updated_at = now()
      where id = $1`,
    [id, position],
  );
  await tx.query(COUNT_CHANGE, []);
}

/** `tenant is not distinct from`, which no index can serve. */
export function ofTenant(placeholder: string, column = 'tenant'): string {
  return `(${column} = ${placeholder} or (${placeholder}::text is null and ${column} is null))`;
}

function subscriptionOf(row: Row): Subscription {
  const retrySchedule = optionalTextOf(row, 'retry_schedule');
  return {
    id: textOf(row, 'id'),
    tenant: optionalTextOf(row, 'tenant'),
    url: textOf(row, 'url'),
    description: optionalTextOf(row, 'description'),
    eventTypes: JSON.parse(textOf(row, 'event_types')) as string[],
    payload: textOf(row, 'payload') as PayloadProfile,
    versions: JSON.parse(textOf(row, 'versions')) as Record<string, number>,
    isOrdered: booleanOf(row, 'is_ordered'),
    maxPerSecond: row['max_per_second'] == null ? undefined : Number(row['max_per_second']),
    retrySchedule: retrySchedule === undefined ? undefined : (JSON.parse(retrySchedule) as number[]),
    state: textOf(row, 'state') as SubscriptionState,
    stateReason: optionalTextOf(row, 'state_reason'),
    startPosition: numberOf(row, 'start_position'),
    failureCount: numberOf(row, 'failure_count'),
    createdAt: new Date(numberOf(row, 'created_ms')).toISOString(),
  };
}

export function endpointOf(row: Row): Endpoint {
  return {
    ...subscriptionOf(row),
    sealedSecret: textOf(row, 'secret'),
    sealedPreviousSecret: optionalTextOf(row, 'previous_secret'),
    sealedHeaders: optionalTextOf(row, 'headers'),
  };
}
