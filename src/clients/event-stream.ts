/**
 * Follows the event stream from a browser, or from Node.js with an EventSource of your choice. It depends on nothing
 * and knows of the server only what is on the wire.
 *
 * An EventSource can send no credentials of its own, so each connection opens with a signed ticket, which is asked for
 * with the credentials of the page. The browser reconnects by itself while the ticket lasts; after that this client
 * gets a new one and goes on behind the last event it has seen. No event is missed, and none is handed over twice.
 */

const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
/** `EventSource.CLOSED` */
const CLOSED = 2;
const STALE = 'evtgen.stale';

/** One event as the stream sends it. */
export interface StreamedEvent<EventType extends string = string, Data = unknown> {
  readonly eventId: string;
  readonly eventType: EventType;
  readonly version: number;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
  readonly source: string;
  readonly data: Data;
  readonly subject?: string | undefined;
  readonly position: number;
}

/** Events between the two positions are gone, or the server's log is another one: load anew what you show. */
export interface StaleCursor {
  /** `expired`: older than what the server keeps. `ahead`: newer than anything it has. */
  readonly reason: 'expired' | 'ahead';
  readonly lastEventId: number;
  readonly oldest: number;
  readonly head: number;
}

/** What is used of the browser's EventSource, or of a package that provides one. */
export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: SourceEvent) => void): void;
  close(): void;
}

export interface SourceEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly lastEventId?: string | undefined;
}

export interface EventStreamOptions {
  /** Of the stream, e.g. `/events/stream`; the ticket comes from `/ticket` below it. */
  readonly url: string;
  /** Event types or patterns such as `order.*`; all that the caller may see unless given. */
  readonly types?: readonly string[] | undefined;
  /** Where to go on, e.g. the position of a snapshot; from now on unless given. */
  readonly lastPosition?: number | undefined;
  /** Headers of the ticket request, asked for each time: `{ authorization: … }`. Cookies go along by themselves. */
  readonly headers?: (() => Record<string, string> | Promise<Record<string, string>>) | undefined;
  /** No ticket was given, with 401 when the user has to sign in again. The client has closed itself. */
  readonly onRefused?: ((status: number) => void) | undefined;
  readonly EventSource?: (new (url: string) => EventSourceLike) | undefined;
  readonly fetch?: Fetch | undefined;
}

type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; credentials: 'same-origin' },
) => Promise<{ readonly ok: boolean; readonly status: number; json(): Promise<unknown> }>;

/** @typeParam Data the payload of each event type, e.g. `EventData` of the generated registry */
export interface EventStreamClient<Data extends object> {
  /** Calls the listener for each event of a type, in order. Returns what takes it off again. */
  on<EventType extends keyof Data & string>(
    eventType: EventType,
    listener: (event: StreamedEvent<EventType, Data[EventType]>) => void,
  ): () => void;
  /** Calls the listener when events may have been missed. Returns what takes it off again. */
  onStale(listener: (stale: StaleCursor) => void): () => void;
  /** Position of the last event handed over, or where it started; undefined before the first ticket. */
  lastPosition(): number | undefined;
  close(): void;
}

/** What this file uses of its surroundings, so that it compiles with the types of browsers and of Node.js alike. */
interface Surroundings {
  readonly EventSource?: new (url: string) => EventSourceLike;
  readonly fetch: Fetch;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  queueMicrotask(run: () => void): void;
}

/** Opens the stream at once. @throws Error where there is no EventSource */
export function openEventStream<Data extends object = Record<string, unknown>>(
  options: EventStreamOptions,
): EventStreamClient<Data> {
  const surroundings = globalThis as unknown as Surroundings;
  const EventSource = options.EventSource ?? surroundings.EventSource;
  if (EventSource === undefined) throw new Error('there is no EventSource here; pass one as an option');
  const fetch: Fetch = options.fetch ?? ((url, init) => surroundings.fetch(url, init));
  const types = options.types === undefined ? '' : `types=${encodeURIComponent(options.types.join(','))}`;
  // Heard in any case, because it moves the position.
  const listeners = new Map<string, Set<(event: never) => void>>([[STALE, new Set()]]);
  let position = options.lastPosition;
  let source: EventSourceLike | undefined;
  let isClosed = false;
  let failures = 0;
  let timer: unknown;

  async function connect(Source: new (url: string) => EventSourceLike): Promise<void> {
    const headers = options.headers === undefined ? {} : await options.headers();
    const init = { method: 'POST', headers, credentials: 'same-origin' } as const;
    const response = await fetch(withQuery(`${options.url}/ticket`, types), init);
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      close();
      if (options.onRefused !== undefined) options.onRefused(response.status);
      return;
    }
    if (response.ok === false) throw new Error(`the ticket request was answered with ${response.status}`);
    const issued = (await response.json()) as { ticket: string; position: number };
    if (isClosed) return;
    // From the first ticket on there is a place to come back to, even if no event ever arrives.
    position ??= issued.position;
    const query = [types, `ticket=${encodeURIComponent(issued.ticket)}`, `lastEventId=${position}`];
    const opened = new Source(withQuery(options.url, ...query));
    source = opened;
    opened.addEventListener('open', () => (failures = 0));
    opened.addEventListener('error', () => {
      // Otherwise it reconnects by itself.
      if (opened === source && opened.readyState === CLOSED) again(Source);
    });
    for (const type of listeners.keys()) opened.addEventListener(type, receive);
  }

  function again(Source: new (url: string) => EventSourceLike): void {
    if (isClosed) return;
    const delayMs = failures === 0 ? 0 : Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
    failures += 1;
    // Half of it is random, so that all pages of a restarted server do not come back together.
    timer = surroundings.setTimeout(() => start(Source), delayMs * (0.5 + Math.random() / 2));
  }

  function start(Source: new (url: string) => EventSourceLike): void {
    connect(Source).catch(() => {
      failures = Math.max(failures, 1);
      again(Source);
    });
  }

  function receive(event: SourceEvent): void {
    const id = Number(event.lastEventId);
    const isStale = event.type === STALE;
    // A stale cursor may go back; an event never does, so one that is not newer was seen before.
    if (isClosed || (isStale === false && position !== undefined && id <= position)) return;
    position = id;
    const value = JSON.parse(String(event.data)) as never;
    for (const listener of listeners.get(event.type) ?? []) {
      try {
        listener(value);
      } catch (error) {
        // Seen by whoever watches for uncaught errors, and not in the way of the other listeners.
        surroundings.queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  function listen(type: string, listener: (event: never) => void): () => void {
    let known = listeners.get(type);
    if (known === undefined) {
      known = new Set();
      listeners.set(type, known);
      if (source !== undefined) source.addEventListener(type, receive);
    }
    const added = known.add(listener);
    return () => void added.delete(listener);
  }

  function close(): void {
    isClosed = true;
    surroundings.clearTimeout(timer);
    if (source !== undefined) source.close();
  }

  start(EventSource);

  return {
    on: (eventType, listener) => listen(eventType, listener),
    onStale: (listener) => listen(STALE, listener),
    lastPosition: () => position,
    close,
  };
}

function withQuery(url: string, ...parts: readonly string[]): string {
  const query = parts.filter((part) => part !== '').join('&');
  return query === '' ? url : `${url}?${query}`;
}
