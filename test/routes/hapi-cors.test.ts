import { server as createHapi, type RouteOptionsCors } from '@hapi/hapi';
import { expect, test } from 'vitest';
import { createEventRoutes } from '../../src/kernel/event-routes.ts';
import type { Handler } from '../../src/kernel/http-api.ts';
import { createEventStream } from '../../src/kernel/stream.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { hapiRoutes } from '../../src/routes/hapi.ts';

const SHOP = 'https://shop.example';
const settings: readonly (boolean | RouteOptionsCors)[] = [
  false,
  true,
  { origin: 'ignore' },
  { origin: [SHOP], credentials: true, additionalExposedHeaders: ['x-shop'] },
  { origin: ['https://*.example'], exposedHeaders: [] },
];

const cases = settings.flatMap((cors) =>
  [SHOP, 'https://else.where'].map((origin) => [cors, origin] as const),
);

test.each(cases)(
  'with CORS as %j, %s is told of the stream, and before it asks, what hapi tells it of other routes',
  async (cors, origin) => {
    const accept: Handler = () => Promise.resolve(new Response('{}'));
    const stream = createEventStream({
      store: { log: { head: async () => 0, read: async () => [] } as never },
      logSignal: createSignal(),
    });
    const server = createHapi({ routes: { cors } });
    const routes = { webhooks: accept, log: accept, deadLetters: accept, stream, basePath: '' };
    await server.register(hapiRoutes(createEventRoutes(routes)));
    server.route({ method: ['GET', 'POST'], path: '/orders', handler: () => '' });
    const headersOf = async (method: string, url: string, asked: Record<string, string>): Promise<object> => {
      const { headers } = await server.inject({ method, url, headers: { origin, ...asked } });
      return Object.fromEntries(
        Object.entries(headers).filter(([name]) => name === 'vary' || name.startsWith('access-control-')),
      );
    };
    expect(await headersOf('HEAD', '/events/stream', {})).toEqual(await headersOf('HEAD', '/orders', {}));
    const asked = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    expect(await headersOf('OPTIONS', '/events/stream/ticket', asked)).toEqual(
      await headersOf('OPTIONS', '/orders', asked),
    );
  },
);
