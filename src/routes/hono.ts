// https://hono.dev/docs/guides/middleware
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventRoutes } from '../kernel/event-routes.ts';

interface HonoContextLike {
  readonly req: { readonly raw: Request; arrayBuffer(): Promise<ArrayBuffer> };
  /** What `@hono/node-server` puts there. */
  readonly env: unknown;
  readonly res: Response;
  /** Adds the headers that middleware has set so far. */
  newResponse(body: ReadableStream<Uint8Array> | null, init: Response): Response;
}

export type HonoRoutes = (
  context: HonoContextLike,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/** A middleware: `app.use(honoRoutes(events.routes))`. */
export function honoRoutes(routes: EventRoutes): HonoRoutes {
  return async (context, next) => {
    const { raw } = context.req;
    const { pathname } = new URL(raw.url);
    if (routes.owns(pathname) === false) {
      await next();
      return undefined;
    }
    const node = nodeOf(context.env);
    if (node !== undefined && routes.isStream(pathname)) {
      // What middleware has set so far, such as that browsers of other origins may read it.
      for (const [name, value] of context.res.headers) node.outgoing.setHeader(name, value);
      routes.listener(node.incoming, node.outgoing);
      return alreadySent();
    }
    const response = await routes.handle(raw.bodyUsed ? await again(context) : raw);
    // What is left of a body that nobody wants must not be taken for the next request.
    if (node !== undefined && node.incoming.complete === false) response.headers.set('connection', 'close');
    return context.newResponse(response.body, response);
  };
}

/** What `@hono/node-server` takes to mean that the Node.js response is not its any more. */
function alreadySent(): Response {
  const response = new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
  // It heeds the header of real responses alone, and one that it made itself is real once its body was asked for.
  void response.body;
  return response;
}

/** The request with the body that middleware has read, which Hono keeps. */
async function again({ req }: HonoContextLike): Promise<Request> {
  const { method, headers, signal, url } = req.raw;
  return new Request(url, { method, headers, signal, body: await req.arrayBuffer() });
}

function nodeOf(env: unknown): { incoming: IncomingMessage; outgoing: ServerResponse } | undefined {
  const bindings = env as { incoming?: IncomingMessage; outgoing?: ServerResponse } | undefined;
  if (bindings == null) return undefined;
  const { incoming, outgoing } = bindings;
  return incoming === undefined || outgoing === undefined ? undefined : { incoming, outgoing };
}
