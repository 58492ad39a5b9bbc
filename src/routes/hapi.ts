// https://hapi.dev/tutorials/plugins
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventRoutes } from '../kernel/event-routes.ts';

interface HapiResponseLike {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
}

interface HapiCorsLike {
  readonly origin?: 'ignore' | readonly string[] | undefined;
  readonly credentials?: boolean | undefined;
  readonly exposedHeaders?: readonly string[] | undefined;
  readonly additionalExposedHeaders?: readonly string[] | undefined;
}

interface HapiRequestLike {
  readonly raw: { readonly req: IncomingMessage; readonly res: ServerResponse };
  readonly info: { readonly cors?: { readonly isOriginMatch?: boolean | undefined } | undefined };
  readonly route: { readonly settings: { readonly cors?: HapiCorsLike | boolean | undefined } };
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
  const handler: HapiRouteLike['handler'] = async (request, toolkit) => {
    const { req, res } = request.raw;
    if (routes.isStream(req.url ?? '/')) {
      // hapi sets them on what it sends itself.
      for (const [name, value] of Object.entries(corsHeaders(request))) res.setHeader(name, value);
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

/** That browsers of other origins may read the answer, as the route or its server is told. */
function corsHeaders({ raw, info, route }: HapiRequestLike): Readonly<Record<string, string>> {
  const { cors } = route.settings;
  if (typeof cors !== 'object') return {};
  const isIgnored = cors.origin === 'ignore';
  const headers: Record<string, string> = isIgnored ? {} : { vary: 'origin' };
  const origin = isIgnored ? '*' : raw.req.headers.origin;
  if (origin === undefined || info.cors === undefined || info.cors.isOriginMatch !== true) return headers;
  headers['access-control-allow-origin'] = origin;
  if (cors.credentials === true) headers['access-control-allow-credentials'] = 'true';
  const exposed = [...(cors.exposedHeaders ?? []), ...(cors.additionalExposedHeaders ?? [])];
  if (exposed.length > 0) headers['access-control-expose-headers'] = exposed.join(',');
  return headers;
}
