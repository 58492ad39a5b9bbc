import { MAX_PREVIOUS_SECRETS } from '../../kernel/subscription-ports.ts';
import type { Endpoint, SubscriptionSettings, SubscriptionStore } from '../../kernel/subscription-ports.ts';
import { numberOf, onlyRow, timeOf } from './sql.ts';
import type { Sql } from './sql.ts';
import { COUNT_CHANGE, ENDPOINT_COLUMNS, endpointOf } from './subscription-rows.ts';
import { ofTenant } from './tenants.ts';
import { enableSubscription, stopSubscription } from './subscription-states.ts';

export function createSubscriptionStore(sql: Sql): SubscriptionStore {
  return {
    async create(subscription): Promise<Endpoint> {
      const { rows } = await sql.query(
        `with counted as (${COUNT_CHANGE} returning 1)
         insert into evtgen.subscriptions as s
           (id, tenant, secret, headers, url, description, event_types, payload, versions, is_ordered,
            max_per_second, retry_schedule, start_position)
         select $1, $2, $3, $4, $5, $6, array(select json_array_elements_text($7::text::json)), $8, $9::text::jsonb,
                $10, $11, $12::text::jsonb, h.position
           from evtgen.log_head h, counted
         returning ${ENDPOINT_COLUMNS}`,
        [
          subscription.id,
          subscription.tenant ?? null,
          subscription.sealedSecret,
          subscription.sealedHeaders ?? null,
          ...settingValues(subscription),
        ],
      );
      return endpointOf(onlyRow({ rows }));
    },

    async list(tenant, page): Promise<Endpoint[]> {
      const { rows } = await sql.query(
        `select ${ENDPOINT_COLUMNS} from evtgen.subscriptions s
          where ${ofTenant('$1')} and state <> 'deleted' and id > $2
          order by id
          limit $3`,
        [tenant ?? null, page.after ?? '', page.limit],
      );
      return rows.map(endpointOf);
    },

    async find(tenant, id): Promise<Endpoint | undefined> {
      const { rows } = await sql.query(
        `select ${ENDPOINT_COLUMNS} from evtgen.subscriptions s
          where id = $2 and ${ofTenant('$1')} and state <> 'deleted'`,
        [tenant ?? null, id],
      );
      return rows[0] === undefined ? undefined : endpointOf(rows[0]);
    },

    update: (tenant, id, revise) =>
      sql.transaction(async (tx) => {
        const found = await tx.query(
          `select ${ENDPOINT_COLUMNS} from evtgen.subscriptions s
            where id = $2 and ${ofTenant('$1')} and state <> 'deleted'
              for update`,
          [tenant ?? null, id],
        );
        if (found.rows[0] === undefined) return undefined;
        const revised = revise(endpointOf(found.rows[0]));
        const { rows } = await tx.query(
          `with counted as (${COUNT_CHANGE})
           update evtgen.subscriptions s
              set headers = $2, url = $3, description = $4,
                  event_types = array(select json_array_elements_text($5::text::json)), payload = $6,
                  versions = $7::text::jsonb, is_ordered = $8, max_per_second = $9, retry_schedule = $10::text::jsonb,
                  updated_at = now()
            where id = $1
           returning ${ENDPOINT_COLUMNS}`,
          [id, revised.sealedHeaders ?? null, ...settingValues(revised)],
        );
        return endpointOf(onlyRow({ rows }));
      }),

    async rotateSecret(tenant, id, sealedSecret, overlapSeconds): Promise<string | undefined> {
      // Without an overlap the one before takes no place from those that go on.
      const others = overlapSeconds > 0 ? MAX_PREVIOUS_SECRETS - 1 : MAX_PREVIOUS_SECRETS;
      const { rows } = await sql.query(
        `with rotated as (
           update evtgen.subscriptions s
              set older_secrets = ${STILL_SIGNING},
                  previous_secret = secret, previous_secret_expires_at = now() + $4::integer * interval '1 second',
                  secret = $3, updated_at = now()
            where id = $2 and ${ofTenant('$1')} and state <> 'deleted'
           returning previous_secret_expires_at
         ), counted as (${COUNT_CHANGE} where exists (select from rotated))
         select (extract(epoch from previous_secret_expires_at) * 1000)::bigint as expires_ms from rotated`,
        [tenant ?? null, id, sealedSecret, overlapSeconds, others],
      );
      return rows[0] === undefined ? undefined : timeOf(rows[0], 'expires_ms');
    },

    async remove(tenant, id): Promise<boolean> {
      const { rows } = await sql.query(
        `with removed as (
           update evtgen.subscriptions
              set state = 'deleted', secret = null, previous_secret = null, older_secrets = '[]', headers = null,
                  updated_at = now()
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

    enable: (tenant, id, from) => enableSubscription(sql, tenant, id, from),

    stop: (id, state, reason) => stopSubscription(sql, id, state, reason),

    async change(): Promise<number> {
      const result = await sql.query(`select change from evtgen.subscription_changes`, []);
      return numberOf(onlyRow(result), 'change');
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

/** What a rotation keeps of the secrets that were rotated away before, the last to expire first. */
const STILL_SIGNING = `(
  select coalesce(jsonb_agg(o order by o.expires_ms desc), '[]')
    from (select secret, expires_ms
            from (select s.previous_secret as secret,
                         (extract(epoch from s.previous_secret_expires_at) * 1000)::bigint as expires_ms
                  union all
                  select secret, expires_ms
                    from jsonb_to_recordset(s.older_secrets) as r(secret text, expires_ms bigint)) known
           where secret is not null and expires_ms > extract(epoch from now()) * 1000
           order by expires_ms desc
           limit $5) o)`;

/** In the order in which both statements above have them. */
function settingValues(settings: SubscriptionSettings): unknown[] {
  const { url, description, eventTypes, payload, versions, isOrdered, maxPerSecond, retrySchedule } =
    settings;
  return [
    url,
    description ?? null,
    JSON.stringify(eventTypes),
    payload,
    JSON.stringify(versions),
    isOrdered,
    maxPerSecond ?? null,
    retrySchedule === undefined ? null : JSON.stringify(retrySchedule),
  ];
}
