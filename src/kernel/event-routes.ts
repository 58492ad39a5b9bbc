import type { IncomingMessage, ServerResponse } from 'node:http';
import { watchClient } from './client-watch.ts';
import { answeringFailures } from './http-api.ts';
import type { Handler } from './http-api.ts';
import { nodeListener } from './node-listener.ts';
import type { NodeListener } from './node-listener.ts';
import { toRequest } from './node-request.ts';
import type { Logger } from './ports.ts';
import { handleProblems, notFound, problemResponse } from './problem.ts';
import type { EventStream } from './stream.ts';

/** A path that is answered. */
export interface RoutePath {
  readonly path: string;
  /** Everything below it is answered too. */
  readonly hasMore: boolean;
}

/**
 * What a binding for a framework is made of: everything that `Events` answers over HTTP, by the path of the request as
 * the client sent it.
 */
export interface EventRoutes {
  /** For routers that want a list. */
  readonly paths: readonly RoutePath[];
  /** Whether a request is for them, by its path with or without a query; all others are the application's. */
  owns(target: string): boolean;
  /** Whether it is for the live stream, which needs no body and is best written to the Node.js response. */
  isStream(target: string): boolean;
  /** Never rejects; 404 for what is not owned. */
  readonly handle: Handler;
  /** The same directly on node:http. */
  readonly listener: NodeListener;
  /**
   * The same for frameworks that send an answer their own way, with its headers and hooks. Not for the stream.
   * @param parsed what a body parser made of a body that it has read, where it did not leave it on the request
   */
  answer(incoming: IncomingMessage, outgoing: ServerResponse, parsed?: unknown): Promise<Response>;
  /** Asks the clients of the stream to come back later: a server that closes would wait for them. */
  close(): void;
}

export interface EventRoutesOptions {
  readonly webhooks: Handler;
  readonly log: Handler;
  readonly deadLetters: Handler;
  readonly stream: EventStream;
  /** Where they are mounted, without a slash at its end; empty for the root. */
  readonly basePath: string;
  readonly logger?: Logger | undefined;
}

/** Puts the handlers under their paths. It is the one place that knows which there are. */
export function createEventRoutes(options: EventRoutesOptions): EventRoutes {
  const { webhooks, log, deadLetters, stream, basePath, logger } = options;
  const entry = (path: string, handle: Handler, hasMore = false): RoutePath & { handle: Handler } => ({
    path: basePath + path,
    hasMore,
    handle,
  });
  const streamEntry = entry('/events/stream', stream.handle);
  const table = [
    entry('/webhooks', webhooks, true),
    entry('/events', log),
    entry('/events/openapi.json', log),
    streamEntry,
    entry('/events/stream/ticket', stream.ticket),
    entry('/dead-letters', deadLetters, true),
  ];
  const find = (target: string): (typeof table)[number] | undefined => {
    const path = pathOf(target).replace(/(?<=.)\/$/, '');
    return table.find((each) => each.path === path || (each.hasMore && path.startsWith(`${each.path}/`)));
  };
  const isStream = (target: string): boolean => find(target) === streamEntry;

  const handle = answeringFailures(async (request) => {
    const found = find(new URL(request.url).pathname);
    return found === undefined ? problemResponse(notFound) : found.handle(request);
  }, logger);
  const plain = nodeListener(handle, { logger });

  return {
    paths: table.map(({ path, hasMore }) => ({ path, hasMore })),
    owns: (target) => find(target) !== undefined,
    isStream,
    handle,
    listener: (incoming, outgoing) =>
      (isStream(targetOf(incoming)) ? stream.listener : plain)(incoming, outgoing),

    async answer(incoming, outgoing, parsed): Promise<Response> {
      const { signal, release } = watchClient(outgoing);
      const response = await handleProblems(() => handle(toRequest(incoming, signal, parsed)));
      release();
      // What is left of a body that nobody wants must not be taken for the next request.
      if (incoming.complete === false && incoming.httpVersionMajor === 1) {
        response.headers.set('connection', 'close');
      }
      return response;
    },

    close: stream.close,
  };
}

/** What the client asked for; Express takes the mount path out of `url`. */
export function targetOf(incoming: IncomingMessage & { readonly originalUrl?: string | undefined }): string {
  return incoming.originalUrl ?? incoming.url ?? '/';
}

/** Of a target in one of its forms: `/events?since=4`, or `http://localhost/events` as proxies send it. */
function pathOf(target: string): string {
  if (target.startsWith('/') === false && URL.canParse(target)) return new URL(target).pathname;
  return target.split(/[?#]/, 1)[0] ?? '';
}
