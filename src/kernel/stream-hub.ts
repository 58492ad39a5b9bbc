import { backoffMs } from './clock.ts';
import { describeError } from './describe-error.ts';
import type { LoggedEvent } from './event.ts';
import type { Clock, Logger, LogStore } from './ports.ts';
import type { Signal } from './signal.ts';
import { encodeCursor } from './sse.ts';
import type { StreamBytes } from './stream-bytes.ts';
import { streamBytes } from './stream-bytes.ts';
import { createStreamGroups, encodeFor } from './stream-groups.ts';
import type { StreamConnection } from './stream-groups.ts';

const BATCH_SIZE = 500;
/** An event that comes alone goes out at once; those that come within this time after it go out together. */
const JOIN_MS = 5;
/** How often it looks when the sequencer that would wake it runs in another process. */
const IDLE_POLL_MS = 100;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

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
  const groups = createStreamGroups();
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
        if (events.length === BATCH_SIZE) continue;
        if (events.length > 0) await clock.sleep(JOIN_MS, closed.signal);
        await logSignal.wait(IDLE_POLL_MS, closed.signal, generation);
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
    // Retention has overtaken a process that stood still for long: positions are dense, so what is missing was deleted.
    // The clients come back and are told.
    if (last.position - position !== events.length) for (const { sink } of groups.connections()) sink.end();
    for (const { connections, events: own, bytes } of groups.select(events)) {
      for (const connection of connections) {
        send(connection, isAhead(connection) ? encodeFor(connection, own, connection.cursor) : bytes);
      }
    }
    position = last.position;
  }

  /** It knows more than the follower has read: it was served elsewhere, or its replay went further. */
  function isAhead(connection: StreamConnection): boolean {
    return connection.cursor > position;
  }

  function send(connection: StreamConnection, bytes: StreamBytes | undefined): void {
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
      const shared = streamBytes(encodeCursor(String(position)));
      for (const connection of groups.connections()) {
        const own = isAhead(connection) ? streamBytes(encodeCursor(String(connection.cursor))) : shared;
        send(connection, own);
      }
    }
  }

  void follow();
  void beat();

  return {
    position: () => position,

    attach(connection): boolean {
      if (connection.cursor < position) return false;
      groups.add(connection);
      return true;
    },

    detach: groups.remove,
    close: () => closed.abort(),
  };
}
