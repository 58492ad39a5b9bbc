import type { DeadLetterStore } from '../kernel/dead-letter-ports.ts';
import type { HealthReport } from '../kernel/health.ts';
import type { EventStore } from '../kernel/ports.ts';
import type { Subscription } from '../kernel/subscription-ports.ts';
import type { AllTenantsStore } from '../stores/postgres/all-tenants.ts';
import type { Delivery, WebhookStore } from '../kernel/webhook-ports.ts';
import type { SqlClient } from '../stores/postgres/sql.ts';
import type { Receivers } from './receivers/receivers.ts';
import type { LocalRegistry } from './registry.ts';
import type { RunSubscription } from './run-subscriptions.ts';
import type { Schedule } from './time-scale.ts';

const SHOWN_EVENTS = 50;
const SHOWN_DEAD_LETTERS = 50;
const SHOWN_SUBSCRIPTIONS = 50;
const SHOWN_REQUESTS = 5;

export interface OverviewSources {
  readonly store: Pick<EventStore<SqlClient>, 'log'> &
    WebhookStore & { readonly deadLetters: Pick<DeadLetterStore<SqlClient>, 'list'> };
  readonly allTenants: Pick<AllTenantsStore, 'subscriptions'>;
  readonly registry: LocalRegistry;
  /** Undefined where there are none. */
  readonly receivers: Pick<Receivers, 'list'> | undefined;
  readonly schedule: Schedule;
  readonly forwards: readonly RunSubscription[];
  health(): Promise<HealthReport>;
}

/** What the page shows, in one document: the newest events with their deliveries, and all that needs a person. */
export async function readOverview(sources: OverviewSources) {
  const { store, allTenants, registry, receivers, schedule, forwards, health } = sources;
  const head = await store.log.head();
  const events = await store.log.read(Math.max(0, head - SHOWN_EVENTS), SHOWN_EVENTS);
  const subscriptions = await allTenants.subscriptions(SHOWN_SUBSCRIPTIONS);
  const deliveries = await readDeliveries(store, subscriptions);
  const deadLetters = await store.deadLetters.list(
    'all',
    {},
    { after: undefined, limit: SHOWN_DEAD_LETTERS },
  );

  return {
    head,
    eventTypes: registry.eventTypes,
    worker: await health(),
    schedule,
    forwards: forwards.map(({ subscriptionId, url, eventTypes }) => ({ subscriptionId, url, eventTypes })),
    events: events.toReversed().map(({ body, position, ...event }) => ({
      position,
      ...event,
      envelope: JSON.parse(body) as unknown,
      deliveries: deliveries.get(position) ?? [],
    })),
    // A page shows no secret, not even a sealed one: without a key it is sealed in name only.
    subscriptions: subscriptions.map(
      ({ sealedSecret: _secret, previousSecrets: _previous, sealedHeaders: _headers, ...shown }) => shown,
    ),
    deadLetters: deadLetters.map(({ id, kind, eventId, eventType, error, createdAt }) => {
      return { id, kind, eventId, eventType, error, createdAt };
    }),
    receivers: (receivers?.list() ?? []).map(({ requests, ...receiver }) => ({
      ...receiver,
      requests: requests
        .slice(-SHOWN_REQUESTS)
        .toReversed()
        .map(({ number, receivedAt, eventType, answered, fault, verification }) => {
          return { number, receivedAt, eventType, answered, fault, verification };
        }),
    })),
  };
}

/** By position, in the order of the subscriptions. */
async function readDeliveries(
  store: WebhookStore,
  subscriptions: readonly Subscription[],
): Promise<Map<number, (Delivery & { readonly url: string })[]>> {
  const byPosition = new Map<number, (Delivery & { readonly url: string })[]>();
  for (const { id, url } of subscriptions) {
    const newest = await store.deliveries.list(id, { after: undefined, limit: SHOWN_EVENTS });
    for (const delivery of newest) {
      byPosition.set(delivery.position, [...(byPosition.get(delivery.position) ?? []), { ...delivery, url }]);
    }
  }
  return byPosition;
}
