import type {
  Attempt,
  Delivery,
  DeliveryDetail,
  DeliveryState,
  DeliveryStore,
} from '../../kernel/webhook-ports.ts';
import { booleanOf, numberOf, optionalTextOf, optionalTimeOf, textOf } from './sql.ts';
import type { Row, Sql } from './sql.ts';
import { matchesPatternSql } from './subscription-rows.ts';

/** What `deliveryOf` needs of a delivery named `d`. */
export const DELIVERY_COLUMNS = `d.position, d.subscription_id, d.event_id, d.event_type, d.state, d.is_replay,
  d.attempts::text as attempts, (extract(epoch from d.due_at) * 1000)::bigint as due_ms`;

/** What people see of deliveries. */
export function createDeliveryViews(sql: Sql): Pick<DeliveryStore, 'list' | 'find'> {
  return {
    async list(subscriptionId, page, filter = {}): Promise<Delivery[]> {
      const { rows } = await sql.query(
        `select ${DELIVERY_COLUMNS} from evtgen.deliveries d
          where d.subscription_id = $1 and d.position < coalesce($2::bigint, 9223372036854775807)
            and ($3::text is null or d.state = $3)
            and ($4::text is null or ${matchesPatternSql('$4::text', 'd.event_type')})
          order by d.position desc
          limit $5`,
        [subscriptionId, page.after ?? null, filter.state ?? null, filter.eventType ?? null, page.limit],
      );
      return rows.map(deliveryOf);
    },

    async find(subscriptionId, eventId): Promise<DeliveryDetail | undefined> {
      const { rows } = await sql.query(
        `select ${DELIVERY_COLUMNS}, e.body
           from evtgen.log e
           join evtgen.deliveries d on d.position = e.position and d.subscription_id = $1
          where e.event_id = $2`,
        [subscriptionId, eventId],
      );
      const row = rows[0] ?? (await findWithoutEvent(sql, subscriptionId, eventId));
      return row === undefined ? undefined : { ...deliveryOf(row), body: optionalTextOf(row, 'body') };
    },
  };
}

/** The event leads to the delivery quickly; when retention took it, all deliveries of the subscription are read. */
async function findWithoutEvent(sql: Sql, subscriptionId: string, eventId: string): Promise<Row | undefined> {
  const { rows } = await sql.query(
    `select ${DELIVERY_COLUMNS} from evtgen.deliveries d where d.subscription_id = $1 and d.event_id = $2`,
    [subscriptionId, eventId],
  );
  return rows[0];
}

export function attemptsOf(row: Row): Attempt[] {
  return JSON.parse(optionalTextOf(row, 'attempts') ?? '[]') as Attempt[];
}

export function deliveryOf(row: Row): Delivery {
  return {
    position: numberOf(row, 'position'),
    subscriptionId: textOf(row, 'subscription_id'),
    eventId: textOf(row, 'event_id'),
    eventType: textOf(row, 'event_type'),
    state: textOf(row, 'state') as DeliveryState,
    isReplay: booleanOf(row, 'is_replay'),
    attempts: attemptsOf(row),
    nextAttemptAt: optionalTimeOf(row, 'due_ms'),
  };
}
