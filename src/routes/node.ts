// https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
import type { IncomingMessage, ServerResponse } from 'node:http';
import { targetOf, type EventRoutes } from '../kernel/event-routes.ts';

/** Answers a request and gives true, or leaves it alone and gives false. */
export type NodeRoutes = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * For a server of node:http:
 * `createServer((request, response) => { if (eventRoutes(request, response) === false) app(request, response); })`.
 */
export function nodeRoutes(routes: EventRoutes): NodeRoutes {
  return (request, response) => {
    const isOwned = routes.owns(targetOf(request));
    if (isOwned) routes.listener(request, response);
    return isOwned;
  };
}
