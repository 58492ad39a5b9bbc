import { redactionOf } from './envelope.ts';
import type { Envelope, LoggedEvent } from './event.ts';
import type { EventFilter } from './filter.ts';
import type { TenantScope } from './tenant-scope.ts';

/** An event of the log with what only the log knows of it. */
export interface LogEntry extends LoggedEvent {
  /** Who caused it. */
  readonly actor: string | undefined;
}

export interface LogQuery {
  readonly scope: TenantScope;
  /** Events of one resource. */
  readonly subject?: string | undefined;
  /** Undefined takes all types. */
  readonly eventTypes?: EventFilter | undefined;
  readonly isPublicOnly: boolean;
  /** Only events with `after < position < before`. */
  readonly after: number;
  readonly before?: number | undefined;
  readonly order: 'oldest_first' | 'newest_first';
  readonly limit: number;
}

export interface HistoryStore {
  query(query: LogQuery): Promise<LogEntry[]>;
  /** Undefined when there is none, it has no position yet, or it is out of scope. */
  find(scope: TenantScope, eventId: string): Promise<LogEntry | undefined>;
}

/** An event as it was emitted, with its place in the log. */
export interface RecordedEvent<EventType extends string, Data> extends Envelope<Data> {
  readonly eventType: EventType;
  readonly position: number;
  readonly tenant: string | undefined;
  readonly actor: string | undefined;
  readonly isRedacted: false;
}

/** An event whose data was erased on request: that it happened is all that is left. */
export interface RedactedEvent<EventType extends string> extends Envelope<null> {
  readonly eventType: EventType;
  /** ISO 8601. */
  readonly redactedAt: string;
  readonly position: number;
  readonly tenant: string | undefined;
  readonly actor: string | undefined;
  readonly isRedacted: true;
}

/** Any event of the catalog; `Inputs` maps event types to their data. */
export type HistoryEvent<Inputs> = {
  [EventType in keyof Inputs & string]:
    | RecordedEvent<EventType, Inputs[EventType]>
    | RedactedEvent<EventType>;
}[keyof Inputs & string];

export interface HistoryOptions {
  /** Whose resource it is, in an application with tenants: ids may be equal in two of them. */
  readonly tenant?: string | undefined;
  /** Exact types, `order.*`, or `*`. */
  readonly eventTypes?: EventFilter | undefined;
  /** Only events after this position. */
  readonly after?: number | undefined;
  /** How many at most; all unless given. */
  readonly limit?: number | undefined;
  /** `oldest_first` unless given. */
  readonly order?: LogQuery['order'] | undefined;
}

export interface History<Inputs> {
  /**
   * What happened to a resource, event by event; read page by page as it is taken. It ends with what is in the log
   * when it gets there. Events have the version with which they were emitted, which may be older than the newest.
   */
  history(
    subject: string | number | bigint,
    options?: HistoryOptions | undefined,
  ): AsyncGenerator<HistoryEvent<Inputs>, void>;
}

const PAGE_SIZE = 200;

export function createHistory<Inputs>(options: {
  readonly store: { readonly history: HistoryStore };
}): History<Inputs> {
  const store = options.store.history;

  return {
    async *history(
      subject,
      { tenant, eventTypes, after = 0, limit = Infinity, order = 'oldest_first' } = {},
    ) {
      const common = { scope: { tenant }, subject: String(subject), eventTypes, isPublicOnly: false, order };
      let bounds: { readonly after: number; readonly before?: number } = { after };
      for (let left = limit; left > 0;) {
        const pageSize = Math.min(left, PAGE_SIZE);
        const page = await store.query({ ...common, ...bounds, limit: pageSize });
        for (const entry of page) yield historyEvent<Inputs>(entry);
        const last = page.at(-1);
        if (last === undefined || page.length < pageSize) return;
        left -= page.length;
        bounds = order === 'oldest_first' ? { after: last.position } : { after, before: last.position };
      }
    },
  };
}

/** What a reducer may get of the events of an iterable. */
export interface FoldableEvent {
  readonly eventType: string;
  readonly isRedacted: boolean;
}

/** For each event type that counts: the state after such an event. */
export type Reducers<Event extends FoldableEvent, State> = {
  readonly [EventType in Event['eventType']]?: (
    state: State,
    event: Extract<Event, { readonly eventType: EventType; readonly isRedacted: false }>,
  ) => State;
};

/**
 * Rebuilds a state from events, e.g. `fold(events.history('ord_1'), { 'order.paid': (order, { data }) => … }, start)`.
 * Types without a reducer are passed over, and so are events whose data was erased.
 */
export async function fold<Event extends FoldableEvent, State>(
  events: AsyncIterable<Event> | Iterable<Event>,
  reducers: Reducers<Event, State>,
  initial: State,
): Promise<State> {
  // The types above say which reducer takes which event; a look-up by name cannot.
  const reducerOf = new Map(Object.entries(reducers)) as Map<string, (state: State, event: Event) => State>;
  let state = initial;
  for await (const event of events) {
    const reducer = reducerOf.get(event.eventType);
    if (reducer !== undefined && event.isRedacted === false) state = reducer(state, event);
  }
  return state;
}

function historyEvent<Inputs>(entry: LogEntry): HistoryEvent<Inputs> {
  const { position, tenant, actor } = entry;
  const envelope = JSON.parse(entry.body) as Envelope;
  const isRedacted = redactionOf(entry.body) !== undefined;
  // What is in the log has been through the schema of its type.
  return { ...envelope, position, tenant, actor, isRedacted } as HistoryEvent<Inputs>;
}
