import { backoffMs } from './clock.ts';
import { describeError } from './describe-error.ts';
import { withPosition } from './envelope.ts';
import { matchesFilter } from './filter.ts';
import type { EventFilter } from './filter.ts';
import type { LoggedEvent } from './event.ts';
import type { Clock, Logger, LogStore } from './ports.ts';
import type { Signal } from './signal.ts';
import { encodeCursor, encodeEvent } from './sse.ts';
import type { StreamSink } from './stream-sink.ts';
import type { Tenant } from './webhook-ports.ts';

const BATCH_SIZE = 500;
/** How often it looks when the sequencer that would wake it runs in another process. */
const IDLE_POLL_MS = 100;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

/** One client of the stream. */
export interface StreamConnection {
  readonly sink: StreamSink;
  readonly tenant: Tenant;
  /** Undefined: all. */
  readonly filter: EventFilter | undefined;
  /** Every event up to here that concerns this client is written. */
  cursor: number;
}

/** The one follower of the log in this process; all clients share it. */
export interface StreamHub {
  /** The newest position that was handed to the clients. */
  position(): number;
  /**
   * Adds a client; false when it has yet to catch up. Both happen in one turn of the event loop, so nothing comes
   * in between: no event is missed and none is sent twice.
   */
  attach(connection: StreamConnection): boolean;
  detach(connection: StreamConnection): void;
  close(): void;
}

export interface StreamHubOptions {
  readonly log: Pick<LogStore<never>, 'read'>;
  readonly logSignal: Signal;
  readonly start: number;
  readonly heartbeatMs: number;
  /** A client with more unsent bytes is cut off; it comes back and resumes. */
  readonly maxBufferBytes: number;
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
}

export function createStreamHub(options: StreamHubOptions): StreamHub {
  const { log, logSignal, maxBufferBytes, clock, logger } = options;
  // Clients that want the same get the same bytes.
  const groups = new Map<string, Set<StreamConnection>>();
  const closed = new AbortController();
  let position = options.start;

  async function follow(): Promise<void> {
    let failures = 0;
    while (closed.signal.aborted === false) {
      const generation = logSignal.generation();
      try {
        const events = await log.read(position, BATCH_SIZE);
        failures = 0;
        broadcast(events);
        if (events.length < BATCH_SIZE) await logSignal.wait(IDLE_POLL_MS, closed.signal, generation);
      } catch (error) {
        failures += 1;
        if (failures === 1 && logger !== undefined) {
          logger.warn('the stream cannot read the log and keeps trying', { error: describeError(error) });
        }
        await clock.sleep(backoffMs(failures, BACKOFF_FIRST_MS, BACKOFF_MAX_MS), closed.signal);
      }
    }
  }

  function broadcast(events: readonly LoggedEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    for (const connections of groups.values()) {
      const [first] = connections;
      if (first === undefined) continue;
      const shared = encodeFor(first, events, position);
      for (const connection of connections) {
        // Its replay may have read further than the follower.
        const isAhead = connection.cursor > position;
        send(connection, isAhead ? encodeFor(connection, events, connection.cursor) : shared);
        connection.cursor = Math.max(connection.cursor, last.position);
      }
    }
    position = last.position;
  }

  function send(connection: StreamConnection, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    // Judged by what is left of earlier writes: one large batch must not cut off clients that keep up.
    if (connection.sink.bufferedBytes() > maxBufferBytes) connection.sink.cut();
    else connection.sink.write(bytes);
  }

  async function beat(): Promise<void> {
    for (;;) {
      await clock.sleep(options.heartbeatMs, closed.signal);
      if (closed.signal.aborted) return;
      // Keeps the connection open, and moves the cursor of clients whose filter lets little through.
      for (const connections of groups.values()) {
        for (const connection of connections) {
          send(connection, Buffer.from(encodeCursor(String(connection.cursor))));
        }
      }
    }
  }

  void follow();
  void beat();

  return {
    position: () => position,

    attach(connection): boolean {
      if (connection.cursor < position) return false;
      const key = groupOf(connection);
      const group = groups.get(key) ?? new Set();
      groups.set(key, group.add(connection));
      return true;
    },

    detach(connection): void {
      const key = groupOf(connection);
      const group = groups.get(key);
      if (group === undefined) return;
      group.delete(connection);
      if (group.size === 0) groups.delete(key);
    },

    close: () => closed.abort(),
  };
}

/** The events after `cursor` that concern the client, as one buffer; undefined when there are none. */
export function encodeFor(
  connection: StreamConnection,
  events: readonly LoggedEvent[],
  cursor: number,
): Uint8Array | undefined {
  const { tenant, filter } = connection;
  let text = '';
  for (const event of events) {
    if (event.position <= cursor || event.audience !== 'public' || event.tenant !== tenant) continue;
    if (filter !== undefined && matchesFilter(filter, event.eventType) === false) continue;
    text += encodeEvent(String(event.position), event.eventType, withPosition(event.body, event.position));
  }
  return text === '' ? undefined : Buffer.from(text);
}

function groupOf({ tenant, filter }: StreamConnection): string {
  return JSON.stringify([tenant ?? null, filter ?? null]);
}
