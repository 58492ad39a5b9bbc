import { server as createHapi } from '@hapi/hapi';
import { fastify, type FastifyServerOptions } from 'fastify';
import { describe, expect, test } from 'vitest';
import { createEventRoutes, type EventRoutes } from '../../src/kernel/event-routes.ts';
import type { Handler } from '../../src/kernel/http-api.ts';
import type { EventStream } from '../../src/kernel/stream.ts';
import { fastifyRoutes } from '../../src/routes/fastify.ts';
import { hapiRoutes } from '../../src/routes/hapi.ts';

const PATHS = ['/events', '/events/', '/webhooks', '/webhooks/', '/webhooks/a', '/dead-letters/'] as const;

type StatusOf = (path: string) => Promise<number>;

/** Applications whose router takes a path with a slash at its end for the one without. */
const lenient: readonly (readonly [name: string, start: (routes: EventRoutes) => Promise<StatusOf>])[] = [
  ['Fastify', (routes) => onFastify(LENIENT, routes)],
  ['Fastify, as an option of the router', (routes) => onFastify({ routerOptions: LENIENT }, routes)],
  ['hapi', onHapi],
];

const LENIENT = { ignoreTrailingSlash: true };

describe.each(lenient)('%s', (_name, start) => {
  test('takes the routes, and answers with and without the slash', async () => {
    const statusOf = await start(eventRoutes());
    const statuses = await Promise.all(PATHS.map(async (path) => [path, await statusOf(path)] as const));
    expect(statuses).toEqual(PATHS.map((path) => [path, 202]));
    expect(await statusOf('/events/upcoming/')).toBe(404);
  });
});

async function onFastify(options: FastifyServerOptions, routes: EventRoutes): Promise<StatusOf> {
  const app = fastify(options);
  await app.register(fastifyRoutes(routes));
  return async (url) => (await app.inject({ url })).statusCode;
}

async function onHapi(routes: EventRoutes): Promise<StatusOf> {
  const server = createHapi({ router: { stripTrailingSlash: true } });
  await server.register(hapiRoutes(routes));
  return async (url) => (await server.inject({ url })).statusCode;
}

function eventRoutes(): EventRoutes {
  const accept: Handler = () => Promise.resolve(new Response('{}', { status: 202 }));
  const stream = { handle: accept, ticket: accept, close: () => undefined } as unknown as EventStream;
  return createEventRoutes({ webhooks: accept, log: accept, deadLetters: accept, stream, basePath: '' });
}
