import type { DeadLetterStore } from '../kernel/dead-letter-ports.ts';
import type { HealthReport } from '../kernel/health.ts';
import type { EventStore } from '../kernel/ports.ts';
import type { Subscription } from '../kernel/subscription-ports.ts';
import type { AllTenantsStore } from '../stores/postgres/all-tenants.ts';
import type { Delivery, WebhookStore } from '../kernel/webhook-ports.ts';
import type { SqlClient } from '../stores/postgres/sql.ts';
import type { Exchanges } from './exchanges.ts';
import type { Receivers } from './receivers/receivers.ts';
import type { LocalRegistry } from './registry.ts';
import type { RunSubscription } from './run-subscriptions.ts';
import type { Schedule } from './time-scale.ts';
import type { Traffic } from './traffic.ts';

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
  /** Undefined where attempts are made elsewhere. */
  readonly exchanges: Pick<Exchanges, 'isUnderWay'> | undefined;
  readonly traffic: { read(): Traffic } | undefined;
  readonly schedule: Schedule;
  readonly forwards: readonly RunSubscription[];
  health(): Promise<HealthReport>;
}

/**
 * What the page shows, in one document: events with their deliveries, and all that needs a person.
 * @param before a position: the newest events below it, instead of the newest of all
 */
export async function readOverview(sources: OverviewSources, before?: number) {
  const { store, allTenants, registry, receivers, schedule, forwards, health } = sources;
  const { exchanges, traffic } = sources;
  const head = await store.log.head();
  const last = before === undefined ? head : Math.min(head, before - 1);
  const events = await store.log.read(Math.max(0, last - SHOWN_EVENTS), Math.min(last, SHOWN_EVENTS));
  const subscriptions = await allTenants.subscriptions(SHOWN_SUBSCRIPTIONS);
  const deliveries = await readDeliveries(store, subscriptions, before);
  const deadLetters = await store.deadLetters.list(
    'all',
    {},
    { after: undefined, limit: SHOWN_DEAD_LETTERS },
  );

  const isUnderWay = (url: string, eventId: string): boolean => exchanges?.isUnderWay(url, eventId) ?? false;
  /** The first attempt of a delivery is made before there is a row of it. */
  const deliveriesOf = (position: number, eventId: string) => {
    const written = deliveries.get(position) ?? [];
    const begun = subscriptions.filter(
      ({ id, url }) =>
        isUnderWay(url, eventId) && written.every(({ subscriptionId }) => subscriptionId !== id),
    );
    return [
      ...written.map((delivery) => ({ ...delivery, isUnderWay: isUnderWay(delivery.url, eventId) })),
      ...begun.map(({ id, url }) => {
        return { subscriptionId: id, url, state: 'pending', isReplay: false, attempts: [], isUnderWay: true };
      }),
    ];
  };

  return {
    head,
    eventTypes: registry.eventTypes,
    worker: await health(),
    traffic: traffic?.read(),
    schedule,
    forwards: forwards.map(({ subscriptionId, url, eventTypes }) => ({ subscriptionId, url, eventTypes })),
    events: events.toReversed().map(({ body, position, ...event }) => ({
      position,
      ...event,
      envelope: JSON.parse(body) as unknown,
      deliveries: deliveriesOf(position, event.eventId),
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
  before: number | undefined,
): Promise<Map<number, (Delivery & { readonly url: string })[]>> {
  const byPosition = new Map<number, (Delivery & { readonly url: string })[]>();
  for (const { id, url } of subscriptions) {
    const newest = await store.deliveries.list(id, {
      after: before === undefined ? undefined : String(before),
      limit: SHOWN_EVENTS,
    });
    for (const delivery of newest) {
      byPosition.set(delivery.position, [...(byPosition.get(delivery.position) ?? []), { ...delivery, url }]);
    }
  }
  return byPosition;
}
