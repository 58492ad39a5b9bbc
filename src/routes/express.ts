// https://expressjs.com/en/guide/writing-middleware.html
import type { IncomingMessage, ServerResponse } from 'node:http';
import { targetOf, type EventRoutes } from '../kernel/event-routes.ts';

/** A middleware of Express, Connect and all that is built like them. */
export type ExpressRoutes = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Before or after body parsers: `app.use(expressRoutes(events.routes))`. */
export function expressRoutes(routes: EventRoutes): ExpressRoutes {
  return (request, response, next) => {
    if (routes.owns(targetOf(request))) routes.listener(request, response);
    else next();
  };
}
