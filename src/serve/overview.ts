import type { DeadLetterStore } from '../kernel/dead-letter-ports.ts';
import type { LoggedEvent } from '../kernel/event.ts';
import type { HealthReport } from '../kernel/health.ts';
import type { EventStore } from '../kernel/ports.ts';
import type { AllTenantsStore } from '../stores/postgres/all-tenants.ts';
import type { Attempt } from '../kernel/webhook-ports.ts';
import type { RecentEventsStore } from '../stores/postgres/recent-events.ts';
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
/** Of the body of an answer: error pages by the hundred would be megabytes each time. */
const SHOWN_BODY_CHARACTERS = 1000;

/** What is looked at. */
export interface OverviewQuery {
  /** A position: the newest events below it, instead of the newest of all. */
  readonly before?: number | undefined;
  /** What the types of events begin with. */
  readonly type?: string | undefined;
  /** What the subjects of events hold. */
  readonly subject?: string | undefined;
  /** Of dead letters: an exact type, `order.*`, or `*`. */
  readonly letterType?: string | undefined;
}

export interface OverviewSources {
  readonly store: Pick<EventStore<SqlClient>, 'log'> & {
    readonly deadLetters: Pick<DeadLetterStore<SqlClient>, 'list' | 'count'>;
  };
  readonly recentEvents: RecentEventsStore;
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

/** What the page shows, in one document: events with their deliveries, and all that needs a person. */
export async function readOverview(sources: OverviewSources, query: OverviewQuery = {}) {
  const { store, recentEvents, allTenants, registry, receivers, schedule, forwards, health } = sources;
  const { exchanges, traffic } = sources;
  const { before, type = '', subject = '', letterType: eventType } = query;
  const head = await store.log.head();
  const events = await recentEvents.events({ before, type, subject, limit: SHOWN_EVENTS });
  const found = await allTenants.subscriptions(SHOWN_SUBSCRIPTIONS + 1);
  const subscriptions = found.slice(0, SHOWN_SUBSCRIPTIONS);
  const deliveries = await recentEvents.deliveries(events.map(({ position }) => position));
  const page = { after: undefined, limit: SHOWN_DEAD_LETTERS };
  const deadLetters = await store.deadLetters.list('all', { eventType }, page);
  const isFull = deadLetters.length === SHOWN_DEAD_LETTERS;

  const keyOf = (position: number, subscriptionId: string): string => `${position} ${subscriptionId}`;
  const byKey = new Map(deliveries.map((each) => [keyOf(each.position, each.subscriptionId), each]));
  const deliveriesOf = ({ position, eventId }: LoggedEvent) =>
    subscriptions.flatMap(({ id, url }) => {
      const isUnderWay = exchanges?.isUnderWay(url, eventId) ?? false;
      const written = byKey.get(keyOf(position, id));
      if (written !== undefined)
        return { ...written, url, attempts: written.attempts.map(shown), isUnderWay };
      // The first attempt of a delivery is made before there is a row of it.
      return isUnderWay
        ? { subscriptionId: id, url, state: 'pending', isReplay: false, attempts: [], isUnderWay }
        : [];
    });

  return {
    head,
    eventTypes: registry.eventTypes,
    worker: await health(),
    traffic: traffic?.read(),
    schedule,
    forwards: forwards.map(({ subscriptionId, url, eventTypes }) => ({ subscriptionId, url, eventTypes })),
    // Without their data: it is asked for where somebody looks into one.
    events: events.map((event) => {
      const { body: _body, ...rest } = event;
      return { ...rest, deliveries: deliveriesOf(event) };
    }),
    // A page shows no secret, not even a sealed one: without a key it is sealed in name only.
    subscriptions: subscriptions.map(
      ({ sealedSecret: _secret, previousSecrets: _previous, sealedHeaders: _headers, ...shown }) => shown,
    ),
    hasMoreSubscriptions: found.length > subscriptions.length,
    deadLetterCount: isFull
      ? await store.deadLetters.count('all', { eventType }, undefined)
      : deadLetters.length,
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

/** The envelope of an event, without its position; undefined where there is none. */
export async function readEnvelope(
  { log }: Pick<EventStore<SqlClient>, 'log'>,
  position: number,
): Promise<unknown> {
  const [event] = await log.read(position - 1, 1);
  return event?.position === position ? JSON.parse(event.body) : undefined;
}

function shown(attempt: Attempt): Attempt {
  const { body } = attempt;
  if (body === undefined || body.length <= SHOWN_BODY_CHARACTERS) return attempt;
  return { ...attempt, body: `${body.slice(0, SHOWN_BODY_CHARACTERS)} …` };
}
