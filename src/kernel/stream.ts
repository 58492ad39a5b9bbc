import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from './clock.ts';
import { describeError } from './describe-error.ts';
import { authorizeRequest, isProductionEnvironment, requireAuthorize } from './http-api.ts';
import type { Authorize, Handler } from './http-api.ts';
import { respondTo, sendResponse, toRequest } from './node-listener.ts';
import type { NodeListener } from './node-listener.ts';
import type { Clock, Logger } from './ports.ts';
import { handleProblems, ProblemError } from './problem.ts';
import type { Signal } from './signal.ts';
import { encodeCursor, encodeRetry } from './sse.ts';
import { createStreamHub } from './stream-hub.ts';
import type { StreamConnection, StreamHub } from './stream-hub.ts';
import { catchUp, checkCursor } from './stream-replay.ts';
import type { ReplayLog } from './stream-replay.ts';
import { readStreamRequest } from './stream-request.ts';
import type { StreamRequest } from './stream-request.ts';
import { nodeSink, webSink } from './stream-sink.ts';
import type { StreamSink } from './stream-sink.ts';
import type { Tenant } from './webhook-ports.ts';

const HEARTBEAT_MS = 15_000;
const MAX_BUFFER_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 10_000;
const RETRY_MS = 3_000;

/** Proxies that buffer or compress would hold events back. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

export interface EventStreamOptions {
  readonly store: { readonly log: ReplayLog };
  readonly logSignal: Signal;
  /** Required in production. Without it there is one tenant, and everybody has access. */
  readonly authorize?: Authorize | undefined;
  readonly heartbeatMs?: number | undefined;
  /** A client with more unsent bytes is cut off; it comes back and resumes. */
  readonly maxBufferBytes?: number | undefined;
  readonly maxConnections?: number | undefined;
  /** NODE_ENV=production unless given. */
  readonly isProduction?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1); the jitter of `retry:`. */
  readonly random?: (() => number) | undefined;
  readonly logger?: Logger | undefined;
}

/** `GET /events/stream`: the public events of the caller's tenant as Server-Sent Events. */
export interface EventStream {
  readonly handle: Handler;
  /** The same directly on node:http or Express, with fewer copies. */
  readonly listener: NodeListener;
  /** How many clients are connected to this process. */
  clients(): number;
  /** Asks all clients to come back later, now and from now on. */
  close(): void;
}

interface Admitted extends StreamRequest {
  readonly tenant: Tenant;
}

/** @throws Error in production without `authorize` */
export function createEventStream(options: EventStreamOptions): EventStream {
  const { authorize, logger, logSignal } = options;
  const { log } = options.store;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const connections = new Set<StreamConnection>();
  let hub: Promise<StreamHub> | undefined;
  let isClosed = false;
  requireAuthorize('the event stream', authorize, options.isProduction ?? isProductionEnvironment());

  // Spread, or all clients of a restarted server would come back in the same instant.
  const retryBlock = (): Uint8Array => Buffer.from(encodeRetry(RETRY_MS * (0.5 + random())));

  async function openHub(): Promise<StreamHub> {
    const { heartbeatMs = HEARTBEAT_MS, maxBufferBytes = MAX_BUFFER_BYTES } = options;
    try {
      const start = await log.head();
      return createStreamHub({ log, logSignal, start, heartbeatMs, maxBufferBytes, clock, logger });
    } catch (error) {
      // The next client tries again.
      hub = undefined;
      throw error;
    }
  }

  /** Without clients nothing follows the log. */
  function leaveHub(connection: StreamConnection, joined: StreamHub | undefined): void {
    connections.delete(connection);
    if (joined !== undefined) joined.detach(connection);
    if (connections.size > 0) return;
    if (joined !== undefined) joined.close();
    hub = undefined;
  }

  async function serve(wanted: Admitted, sink: StreamSink): Promise<void> {
    const { tenant, filter, lastEventId } = wanted;
    sink.write(retryBlock());
    // Not 503: a browser takes any other status than 200 as the end for good.
    if (isClosed || connections.size >= (options.maxConnections ?? MAX_CONNECTIONS)) {
      sink.end();
      return;
    }
    const connection: StreamConnection = { sink, tenant, filter, cursor: 0 };
    connections.add(connection);
    let joined: StreamHub | undefined;
    try {
      hub ??= openHub();
      joined = await hub;
      connection.cursor =
        lastEventId === undefined ? joined.position() : await checkCursor(log, sink, lastEventId);
      // A client that is cut off before its first event comes back to this place.
      sink.write(Buffer.from(encodeCursor(String(connection.cursor))));
      await catchUp(log, connection, joined, clock);
      await ended(sink.closed);
    } catch (error) {
      if (logger !== undefined) logger.warn('a stream ended early', { error: describeError(error) });
      sink.end();
    } finally {
      leaveHub(connection, joined);
    }
  }

  /** @throws ProblemError while a status can still be sent */
  async function admit(request: Request): Promise<Admitted> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const headers = { allow: 'GET, HEAD' };
      throw new ProblemError({ status: 405, code: 'method_not_allowed', detail: 'use GET', headers });
    }
    const { tenant } = await authorizeRequest(authorize, request);
    return { tenant, ...readStreamRequest(request) };
  }

  const handle: Handler = (request) =>
    handleProblems(async () => {
      const wanted = await admit(request);
      if (request.method === 'HEAD') return new Response(null, { headers: HEADERS });
      const { sink, body } = webSink();
      void serve(wanted, sink);
      return new Response(body, { headers: HEADERS });
    });

  async function listen(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const answer = await handleProblems(async () => {
      const wanted = await admit(toRequest(incoming, outgoing));
      if (incoming.method === 'HEAD') return new Response(null, { headers: HEADERS });
      outgoing.writeHead(200, HEADERS).flushHeaders();
      // Small writes must not wait for the acknowledgement of the one before.
      incoming.socket.setNoDelay(true);
      void serve(wanted, nodeSink(outgoing));
      return new Response(null);
    });
    if (outgoing.headersSent === false) await sendResponse(answer, incoming, outgoing);
  }

  return {
    handle,
    listener: respondTo(listen, logger),
    clients: () => connections.size,

    close(): void {
      isClosed = true;
      for (const { sink } of connections) {
        sink.write(retryBlock());
        sink.end();
      }
    },
  };
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
