import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterKind,
  DeadLetterSummary,
} from '../../kernel/dead-letter-ports.ts';
import type { TenantScope } from '../../kernel/tenant-scope.ts';
import { attemptsOf } from './delivery-views.ts';
import { optionalNumberOf, optionalTextOf, optionalTimeOf, textOf, timeOf } from './sql.ts';
import type { Row } from './sql.ts';
import { matchesPatternSql } from './subscription-rows.ts';
import { inScope, scopeValues } from './tenants.ts';

/** What a summary needs of the table of dead letters, named `l`. */
export const SUMMARY_COLUMNS = `l.id, l.kind, l.stage, l.reader, l.subscription_id, l.event_id, l.event_type, l.subject,
  l.tenant, l.position, l.error, (extract(epoch from l.created_at) * 1000)::bigint as created_ms,
  (extract(epoch from l.replayed_at) * 1000)::bigint as replayed_ms,
  (extract(epoch from l.redacted_at) * 1000)::bigint as redacted_ms`;

/** True for the dead letters `l` that a filter wants, whose values are `$1` to `$8`; see `filterValues`. */
export const MATCHES: string = `${inScope('l')} and (l.replayed_at is not null) = $3::boolean
  and ($4::text is null or l.kind = $4)
  and ($5::text is null or ${matchesPatternSql('$5::text', 'l.event_type')})
  and ($6::text is null or l.subscription_id = $6)
  and ($7::timestamptz is null or l.created_at >= $7)
  and ($8::timestamptz is null or l.created_at < $8)`;

export function filterValues(scope: TenantScope, filter: DeadLetterFilter): unknown[] {
  return [
    ...scopeValues(scope),
    filter.isReplayed ?? false,
    filter.kind ?? null,
    filter.eventType ?? null,
    filter.subscriptionId ?? null,
    filter.createdAfter ?? null,
    filter.createdBefore ?? null,
  ];
}

export function summaryOf(row: Row): DeadLetterSummary {
  return {
    id: textOf(row, 'id'),
    kind: textOf(row, 'kind') as DeadLetterKind,
    stage: optionalTextOf(row, 'stage') as DeadLetter['stage'],
    reader: optionalTextOf(row, 'reader'),
    subscriptionId: optionalTextOf(row, 'subscription_id'),
    eventId: textOf(row, 'event_id'),
    eventType: textOf(row, 'event_type'),
    subject: optionalTextOf(row, 'subject'),
    tenant: optionalTextOf(row, 'tenant'),
    position: optionalNumberOf(row, 'position'),
    error: textOf(row, 'error'),
    createdAt: timeOf(row, 'created_ms'),
    replayedAt: optionalTimeOf(row, 'replayed_ms'),
    redactedAt: optionalTimeOf(row, 'redacted_ms'),
  };
}

export function deadLetterOf(row: Row): DeadLetter {
  return {
    ...summaryOf(row),
    actor: optionalTextOf(row, 'actor'),
    body: optionalTextOf(row, 'body'),
    attempts: attemptsOf(row),
  };
}
