// https://hapi.dev/tutorials/plugins
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventRoutes } from '../kernel/event-routes.ts';

interface HapiResponseLike {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
}

interface HapiRequestLike {
  readonly raw: { readonly req: IncomingMessage; readonly res: ServerResponse };
}

interface HapiToolkitLike<Abandoned, Answer> {
  readonly abandon: Abandoned;
  response(body?: Buffer): Answer & HapiResponseLike;
}

interface HapiRouteLike {
  method: '*';
  path: string;
  options: { auth: false; payload: { parse: false; output: 'stream'; maxBytes: number } };
  handler<Abandoned, Answer>(
    request: HapiRequestLike,
    toolkit: HapiToolkitLike<Abandoned, Answer>,
  ): Promise<Abandoned | Answer>;
}

interface HapiServerLike {
  readonly settings: { readonly router?: { readonly stripTrailingSlash?: boolean | undefined } | undefined };
  readonly realm: { readonly modifiers: { readonly route: { readonly prefix?: string | undefined } } };
  ext(event: 'onPreStop', method: () => void): void;
  route(route: HapiRouteLike): void;
}

export interface HapiRoutes {
  readonly name: string;
  register(server: HapiServerLike): void;
}

/**
 * A plugin, whose bodies come as they are while all other routes keep their parsing:
 * `await server.register(hapiRoutes(events.routes))`, with the prefix that is the `basePath` or with none. Who gets in
 * is for `authorize` to say, not for a default strategy of the server.
 */
export function hapiRoutes(routes: EventRoutes): HapiRoutes {
  const handler: HapiRouteLike['handler'] = async ({ raw: { req, res } }, toolkit) => {
    if (routes.isStream(req.url ?? '/')) {
      routes.listener(req, res);
      return toolkit.abandon;
    }
    const answer = await routes.answer(req, res);
    const body = answer.body === null ? undefined : Buffer.from(await answer.arrayBuffer());
    const response = toolkit.response(body);
    response.code(answer.status);
    for (const [name, value] of answer.headers) response.header(name, value);
    return response;
  };
  // The limit for bodies is that of the handlers.
  const payload = { parse: false, output: 'stream', maxBytes: Number.MAX_SAFE_INTEGER } as const;
  const options = { auth: false, payload } as const;

  return {
    name: 'events',
    register(server): void {
      server.ext('onPreStop', () => routes.close());
      const { prefix = '' } = server.realm.modifiers.route;
      // Such a server refuses paths that end with a slash: none comes to it.
      const isSlashStripped = server.settings.router?.stripTrailingSlash === true;
      for (const { path, hasMore } of routes.paths) {
        if (path.startsWith(prefix) === false) {
          throw new Error(`the prefix ${prefix} is not the basePath in setup: ${path} is not below it`);
        }
        const own = path.slice(prefix.length);
        const more = hasMore ? [`${own}/{more*}`] : isSlashStripped ? [] : [`${own}/`];
        for (const each of [own, ...more]) server.route({ method: '*', path: each, options, handler });
      }
    },
  };
}
