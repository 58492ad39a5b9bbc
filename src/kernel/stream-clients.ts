import { describeError } from './describe-error.ts';
import type { Clock, Logger } from './ports.ts';
import type { Signal } from './signal.ts';
import { encodeCursor, encodeRetry } from './sse.ts';
import { streamBytes } from './stream-bytes.ts';
import type { StreamBytes } from './stream-bytes.ts';
import type { StreamConnection } from './stream-groups.ts';
import { createStreamHub } from './stream-hub.ts';
import type { StreamHub } from './stream-hub.ts';
import { createReplay } from './stream-replay.ts';
import type { ReplayLog } from './stream-replay.ts';
import type { StreamRequest } from './stream-request.ts';
import type { StreamSink } from './stream-sink.ts';

const RETRY_MS = 3_000;

export interface StreamClientsOptions {
  readonly log: ReplayLog;
  readonly logSignal: Signal;
  readonly heartbeatMs: number;
  /** A client with more unsent bytes is cut off; it comes back and resumes. */
  readonly maxBufferBytes: number;
  readonly maxConnections: number;
  readonly clock: Clock;
  /** Uniform in [0, 1); the jitter of `retry:`. */
  readonly random: () => number;
  readonly logger?: Logger | undefined;
}

/** The connected clients, and the follower of the log that lives as long as there are any. */
export interface StreamClients {
  /**
   * Lets the client catch up with the live events, and writes to it from then on until it is gone. Resolves when it
   * has.
   * @param wanted undefined for a client that cannot be served now
   * @param open sends the head of the answer. Called once it is settled where the client starts: who hears that the
   * stream is open may act on it at once, and must not miss what comes of it.
   * @throws what `open` throws
   */
  serve(wanted: StreamRequest | undefined, open: () => StreamSink): Promise<void>;
  count(): number;
  /** Asks all clients to come back later, now and from now on. */
  close(): void;
}

export function createStreamClients(options: StreamClientsOptions): StreamClients {
  const { log, logger, clock } = options;
  const replay = createReplay(log, clock);
  const connections = new Set<StreamConnection>();
  let hub: Promise<StreamHub> | undefined;
  /** Clients that wait for the hub. */
  let opening = 0;
  let isClosed = false;

  // Spread, or all clients of a restarted server would come back in the same instant.
  const retryBlock = (): StreamBytes => streamBytes(encodeRetry(RETRY_MS * (0.5 + options.random())));

  async function openHub(): Promise<StreamHub> {
    try {
      const start = await log.head();
      return createStreamHub({ ...options, start });
    } catch (error) {
      // The next client tries again.
      hub = undefined;
      throw error;
    }
  }

  /** Without clients nothing follows the log. */
  function leaveHub(joined: StreamHub): void {
    if (connections.size + opening > 0) return;
    joined.close();
    hub = undefined;
  }

  /** Undefined when the log cannot be read. */
  async function joinHub(): Promise<StreamHub | undefined> {
    opening += 1;
    try {
      hub ??= openHub();
      return await hub;
    } catch (error) {
      warn(error);
      return undefined;
    } finally {
      opening -= 1;
    }
  }

  function warn(error: unknown): void {
    if (logger !== undefined) logger.warn('a stream ended early', { error: describeError(error) });
  }

  async function serve(wanted: StreamRequest | undefined, open: () => StreamSink): Promise<void> {
    const isFull = connections.size + opening >= options.maxConnections;
    const joined = wanted === undefined || isClosed || isFull ? undefined : await joinHub();
    // Not 503: a browser takes any other status than 200 as the end for good.
    if (wanted === undefined || joined === undefined || isClosed) {
      const refused = open();
      refused.write(retryBlock());
      refused.end();
      if (joined !== undefined) leaveHub(joined);
      return;
    }
    const { tenant, filter, lastEventId } = wanted;
    let sink: StreamSink;
    try {
      sink = open();
    } catch (error) {
      leaveHub(joined);
      throw error;
    }
    const connection: StreamConnection = { sink, tenant, filter, cursor: lastEventId ?? joined.position() };
    connections.add(connection);
    try {
      sink.write(retryBlock());
      // A client that is cut off before its first event comes back to this place.
      sink.write(streamBytes(encodeCursor(String(connection.cursor))));
      await replay.catchUp(connection, joined);
    } catch (error) {
      warn(error);
      sink.end();
    }
    // Not awaited: most of what a client takes of the memory would be functions that wait.
    sink.onClosed(() => {
      connections.delete(connection);
      joined.detach(connection);
      leaveHub(joined);
    });
  }

  return {
    serve,
    count: () => connections.size + opening,

    close(): void {
      isClosed = true;
      for (const { sink } of connections) {
        sink.write(retryBlock());
        sink.end();
      }
    },
  };
}
