// https://koajs.com/#context
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventRoutes } from '../kernel/event-routes.ts';

interface KoaContextLike {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: object;
  readonly originalUrl: string;
  respond?: boolean | undefined;
  status: number;
  body: unknown;
  set(name: string, value: string): void;
}

export type KoaRoutes = (context: KoaContextLike, next: () => Promise<unknown>) => Promise<void>;

/** A middleware, before or after body parsers: `app.use(koaRoutes(events.routes))`. */
export function koaRoutes(routes: EventRoutes): KoaRoutes {
  return async (context, next) => {
    const { req, res, request, originalUrl } = context;
    if (routes.owns(originalUrl) === false) {
      await next();
    } else if (routes.isStream(originalUrl)) {
      context.respond = false;
      routes.listener(req, res);
    } else {
      // Where parsers leave what they read, by the convention of all of them.
      const response = await routes.answer(req, res, 'body' in request ? request.body : undefined);
      for (const [name, value] of response.headers) context.set(name, value);
      context.status = response.status;
      context.body = response.body === null ? null : Buffer.from(await response.arrayBuffer());
    }
  };
}
