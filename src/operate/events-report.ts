import { columnLines, oneLine, type Column } from '../ui/columns.ts';
import { fullTime, relativeTime, shortTime } from '../ui/times.ts';
import type { ShownEvent } from './events.ts';
import type { Found } from './pages.ts';
import type { ReplayedFor } from './replay-events.ts';
import type { ShownAttempt, ShownDelivery, ShownSubscription } from './webhooks.ts';

const COLUMNS: readonly Column<ShownEvent>[] = [
  { title: 'POSITION', cell: ({ position }) => String(position) },
  { title: 'TIME', cell: ({ timestamp }) => shortTime(timestamp) },
  { title: 'TYPE', cell: ({ eventType }) => eventType, canShrink: true },
  { title: 'SUBJECT', cell: ({ subject }) => subject ?? '-', canShrink: true },
];
const ID: Column<ShownEvent> = { title: 'EVENT ID', cell: ({ eventId }) => eventId };
/** On a narrower terminal the position has to do; `show` takes it too. */
const MIN_WIDTH_WITH_ID = 100;

export function eventListLines({ items }: Found<ShownEvent>, width: number): readonly string[] {
  if (items.length === 0) return ['no events'];
  return columnLines(items, width < MIN_WIDTH_WITH_ID ? COLUMNS : [...COLUMNS, ID], width);
}

export function eventLines(
  event: ShownEvent,
  deliveries: readonly (ShownDelivery & { readonly subscription: ShownSubscription })[],
): readonly string[] {
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['event id', event.eventId],
    ['happened', fullTime(event.timestamp)],
    ['subject', event.subject],
    ['source', event.source],
    ['audience', event.audience],
    ['tenant', event.tenant],
    ['actor', event.actor],
    ['trace', event.traceparent],
    ['erased', event.redactedAt === undefined ? undefined : fullTime(event.redactedAt)],
  ];
  return [
    `${event.eventType} version ${event.version}, position ${event.position}`,
    ...factLines(facts),
    '',
    ...JSON.stringify(event.data, null, 2).split('\n'),
    '',
    ...(deliveries.length === 0 ? ['no deliveries'] : deliveries.flatMap(deliveryLines)),
  ];
}

export function factLines(facts: readonly (readonly [string, string | null | undefined])[]): string[] {
  return facts.flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`  ${name.padEnd(12)}  ${oneLine(value)}`],
  );
}

function deliveryLines({
  subscription,
  state,
  attempts,
  nextAttemptAt,
}: ShownDelivery & { readonly subscription: ShownSubscription }): string[] {
  const next = nextAttemptAt === null ? '' : `, next attempt ${relativeTime(nextAttemptAt)}`;
  return [
    `${state} to ${oneLine(subscription.url)} (${subscription.id})${next}`,
    ...attempts.map(attemptLine),
  ];
}

export function attemptLine({ at, durationMs, status, failure, error, body }: ShownAttempt): string {
  const outcome = status === undefined ? (failure ?? 'no answer') : String(status);
  const said = error ?? (status !== undefined && status >= 200 && status < 300 ? undefined : body);
  const words = said === undefined || said === '' ? '' : `  ${oneLine(said).slice(0, MAX_SAID)}`;
  return `  ${shortTime(at)}  ${outcome}  ${durationMs} ms${words}`;
}

const MAX_SAID = 120;

export function replayedLines(results: readonly ReplayedFor[], place: string): readonly string[] {
  const total = results.reduce((sum, { replayed }) => sum + replayed, 0);
  return [
    ...results.map(
      ({ url, subscriptionId, replayed }) => `  ${replayed} to ${oneLine(url)} (${subscriptionId})`,
    ),
    ...results.flatMap(({ refused }) => refused.map(({ id, detail }) => `  not ${id}: ${oneLine(detail)}`)),
    `${total} ${total === 1 ? 'delivery' : 'deliveries'} will be sent again from ${place}`,
  ];
}
