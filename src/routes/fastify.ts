// https://fastify.dev/docs/latest/Reference/Plugins
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventRoutes } from '../kernel/event-routes.ts';

interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly body?: unknown;
}

interface FastifyReplyLike {
  readonly raw: ServerResponse;
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
  send(body?: Uint8Array): unknown;
  hijack(): unknown;
}

type RouteHandler = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;

interface RouterOptionsLike {
  readonly ignoreTrailingSlash?: boolean | undefined;
}

interface FastifyLike {
  /** That of `register`. */
  readonly prefix: string;
  /** What the application was made with; the older place for options of the router is their object itself. */
  readonly initialConfig: RouterOptionsLike & { readonly routerOptions?: RouterOptionsLike | undefined };
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    contentType: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  addHook(name: 'preClose', hook: () => Promise<void>): unknown;
  all(path: string, handler: RouteHandler): unknown;
}

export type FastifyRoutes = (instance: FastifyLike) => Promise<void>;

/**
 * A plugin, whose bodies no parser touches while all other routes keep theirs: `app.register(fastifyRoutes(events.routes))`,
 * with the prefix that is the `basePath` or with none.
 */
export function fastifyRoutes(routes: EventRoutes): FastifyRoutes {
  const respond: RouteHandler = async (request, reply) => {
    const { raw } = request;
    if (routes.isStream(raw.url ?? '/')) {
      // What hooks have set so far, such as that browsers of other origins may read it.
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.hijack();
      routes.listener(raw, reply.raw);
      return reply;
    }
    const response = await routes.answer(raw, reply.raw, request.body);
    reply.code(response.status);
    for (const [name, value] of response.headers) reply.header(name, value);
    return response.body === null ? reply.send() : reply.send(Buffer.from(await response.arrayBuffer()));
  };

  return async (instance) => {
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null));
    instance.addHook('preClose', async () => routes.close());
    const { ignoreTrailingSlash, routerOptions } = instance.initialConfig;
    // Such a router takes the same path with a slash for one that it has already.
    const isSlashIgnored = ignoreTrailingSlash === true || routerOptions?.ignoreTrailingSlash === true;
    for (const { path, hasMore } of routes.paths) {
      if (path.startsWith(instance.prefix) === false) {
        throw new Error(
          `the prefix ${instance.prefix} is not the basePath in setup: ${path} is not below it`,
        );
      }
      const own = path.slice(instance.prefix.length);
      instance.all(own, respond);
      if (hasMore) instance.all(`${own}/*`, respond);
      else if (!isSlashIgnored) instance.all(`${own}/`, respond);
    }
  };
}
