import type { IncomingMessage, ServerResponse } from 'node:http';
import { watchClient } from './client-watch.ts';
import { systemClock } from './clock.ts';
import { describeError } from './describe-error.ts';
import {
  answeringFailures,
  authorizeRequest,
  isProductionEnvironment,
  jsonResponse,
  requireAuthorize,
} from './http-api.ts';
import type { Authorize, Handler } from './http-api.ts';
import { respondTo, sendResponse } from './node-listener.ts';
import type { NodeListener } from './node-listener.ts';
import { toRequest } from './node-request.ts';
import type { Clock, Logger } from './ports.ts';
import { handleProblems, ProblemError } from './problem.ts';
import type { Signal } from './signal.ts';
import { createStreamClients } from './stream-clients.ts';
import { nodeSink } from './stream-node-sink.ts';
import type { ReplayLog } from './stream-replay.ts';
import { admitStreamRequest, readTypes } from './stream-request.ts';
import type { StreamRequest } from './stream-request.ts';
import type { StreamSink } from './stream-sink.ts';
import { createStreamTickets } from './stream-ticket.ts';
import { webSink } from './stream-web-sink.ts';

const HEARTBEAT_MS = 15_000;
const MAX_BUFFER_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 10_000;

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
  /** 32 bytes; the key that signs tickets is derived from it. Required in production, equal in all processes. */
  readonly ticketKey?: Uint8Array | undefined;
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
  /** `POST /events/stream/ticket?types=…`: a URL for browsers, which can send no credentials of their own. */
  readonly ticket: Handler;
  /** How many clients are connected to this process. */
  clients(): number;
  /** Asks all clients to come back later, now and from now on. */
  close(): void;
}

/** @throws Error in production without `authorize` or `ticketKey` */
export function createEventStream(options: EventStreamOptions): EventStream {
  const { authorize, ticketKey, logger, logSignal } = options;
  const { log } = options.store;
  const clock = options.clock ?? systemClock;
  const tickets = createStreamTickets(ticketKey, clock.now);
  const isProduction = options.isProduction ?? isProductionEnvironment();
  requireAuthorize('the event stream', authorize, isProduction);
  if (isProduction && ticketKey === undefined) {
    throw new Error(
      'the event stream needs an encryption key in production, to sign the tickets of browsers',
    );
  }
  const clients = createStreamClients({
    log,
    logSignal,
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    maxBufferBytes: options.maxBufferBytes ?? MAX_BUFFER_BYTES,
    maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
    clock,
    random: options.random ?? Math.random,
    logger,
  });

  /** @throws ProblemError while a status can still be sent */
  async function admit(request: Request): Promise<StreamRequest | undefined> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed('GET, HEAD');
    try {
      return await admitStreamRequest(request, tickets, authorize);
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      // A session store that is away comes back; a status of 500 would not let the browser try again.
      if (logger !== undefined) {
        logger.warn('a stream could not be authorized', { error: describeError(error) });
      }
      return undefined;
    }
  }

  const handle: Handler = (request) =>
    handleProblems(async () => {
      const wanted = await admit(request);
      if (request.method === 'HEAD') return new Response(null, { headers: HEADERS });
      return new Promise<Response>((resolve, reject) => {
        const open = (): StreamSink => {
          const { sink, body } = webSink();
          resolve(new Response(body, { headers: HEADERS }));
          return sink;
        };
        clients.serve(wanted, open).catch(reject);
      });
    });

  async function listen(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const client = watchClient(outgoing);
    const answer = await handleProblems(async () => {
      const wanted = await admit(toRequest(incoming));
      // Who left while it was being authorized would never be heard of again.
      if (incoming.method === 'HEAD' || client.signal.aborted)
        return new Response(null, { headers: HEADERS });
      await clients.serve(wanted, () => {
        client.release();
        if (client.signal.aborted === false) outgoing.writeHead(200, HEADERS).flushHeaders();
        // Small writes must not wait for the acknowledgement of the one before.
        incoming.socket.setNoDelay(true);
        return nodeSink(outgoing);
      });
      return undefined;
    });
    if (answer !== undefined) await sendResponse(answer, incoming, outgoing);
  }

  const issueTicket: Handler = (request) =>
    handleProblems(async () => {
      if (request.method !== 'POST') throw methodNotAllowed('POST');
      const { tenant } = await authorizeRequest(authorize, request);
      const url = new URL(request.url);
      const filter = readTypes(url.searchParams);
      const issued = tickets.issue({ tenant, filter });
      const query = new URLSearchParams({ ticket: issued.ticket });
      return jsonResponse(200, {
        ticket: issued.ticket,
        expiresAt: new Date(issued.expiresAtMs).toISOString(),
        url: `${url.pathname.replace(/\/ticket\/?$/, '')}?${query}`,
        // A client that starts here misses nothing that happens before it is connected.
        position: await log.head(),
      });
    });

  return {
    handle,
    listener: respondTo(listen, logger),
    ticket: answeringFailures(issueTicket, logger),
    clients: clients.count,
    close: clients.close,
  };
}

function methodNotAllowed(allow: string): ProblemError {
  const detail = `use ${allow}`;
  return new ProblemError({ status: 405, code: 'method_not_allowed', detail, headers: { allow } });
}
