import type {
  Endpoint,
  PayloadProfile,
  PreviousSecret,
  SubscriptionState,
} from '../../kernel/subscription-ports.ts';
import { booleanOf, numberOf, optionalTextOf, textOf, timeOf } from './sql.ts';
import type { Row } from './sql.ts';

/** What `subscriptionOf` and `endpointOf` read, for statements that name the table of subscriptions `s`. */
export const ENDPOINT_COLUMNS = `s.id, s.tenant, s.url, s.description, to_json(s.event_types)::text as event_types,
  s.payload, s.versions::text as versions, s.is_ordered, s.max_per_second,
  s.retry_schedule::text as retry_schedule, s.state, s.state_reason, s.start_position, s.failure_count,
  (extract(epoch from s.created_at) * 1000)::bigint as created_ms, s.secret, s.headers,
  s.previous_secret, (extract(epoch from s.previous_secret_expires_at) * 1000)::bigint as previous_expires_ms,
  s.older_secrets::text as older_secrets, (extract(epoch from now()) * 1000)::bigint as now_ms`;

/** To be part of every statement that changes what the fan-out has to know of a subscription. */
export const COUNT_CHANGE = `update evtgen.subscription_changes set change = change + 1`;

/** `matchesPattern` in SQL. */
export function matchesPatternSql(pattern: string, eventType: string): string {
  return `(${pattern} in ('*', ${eventType})
    or (right(${pattern}, 2) = '.*' and starts_with(${eventType}, left(${pattern}, -1))))`;
}

/** Whether the subscription `s` may get the event `e`: its tenant, the audience, and the filter. */
export const IS_FOR_SUBSCRIPTION: string = `e.tenant is not distinct from s.tenant and e.audience = 'public'
  and exists (select from unnest(s.event_types) as f(pattern) where ${matchesPatternSql('pattern', 'e.event_type')})`;

export function endpointOf(row: Row): Endpoint {
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
    createdAt: timeOf(row, 'created_ms'),
    sealedSecret: textOf(row, 'secret'),
    previousSecrets: previousSecretsOf(row),
    sealedHeaders: optionalTextOf(row, 'headers'),
  };
}

/** Here and not in SQL, where it would make every claim of deliveries dear. */
function previousSecretsOf(row: Row): PreviousSecret[] {
  const sealedSecret = optionalTextOf(row, 'previous_secret');
  if (sealedSecret === undefined) return [];
  const now = numberOf(row, 'now_ms');
  const older = JSON.parse(textOf(row, 'older_secrets')) as { secret: string; expires_ms: number }[];
  return [
    { sealedSecret, expiresAtMs: numberOf(row, 'previous_expires_ms') },
    ...older.map(({ secret, expires_ms: expiresAtMs }) => ({ sealedSecret: secret, expiresAtMs })),
  ]
    .filter(({ expiresAtMs }) => expiresAtMs > now)
    .sort((left, right) => right.expiresAtMs - left.expiresAtMs);
}
