import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const routes = (sources: Readonly<Record<string, string>>): string[] => routesOf(scanSources(sources));
const autoload = (options: string): string => `
  import Fastify from 'fastify';
  import autoload from '@fastify/autoload';
  import { join } from 'node:path';
  const app = Fastify();
  app.register(autoload, { dir: join(import.meta.dirname, 'http'), ${options} });
  app.listen({ port: 3000 });
`;
const plugin = (path: string, more = ''): string => `
  export default async function routes(app) { app.post('${path}', async () => ({})); }
  ${more}
`;

describe('files that autoload finds', () => {
  it('have the prefix that they name instead of that of their folders, and an unknown one if they opt out', () => {
    const found = routes({
      'main.js': autoload("options: { prefix: '/v1/' }"),
      'http/orders/create.js': plugin('/'),
      'http/orders/refund.js': plugin('/:id', "export const autoPrefix = '/refunds';"),
      'http/orders/raw.js': plugin('/', "export const prefixOverride = '/raw';"),
      'http/orders/configured.js': plugin('/', "routes.autoConfig = { prefix: '/ignored' };"),
      'http/orders/none.js': plugin('/none', 'export const autoload = false;'),
    });
    expect(found).toEqual([
      'POST /none (partial)',
      'POST /raw',
      'POST /v1/orders',
      'POST /v1/orders',
      'POST /v1/refunds/:id',
    ]);
  });

  it('are those that pass its filters', () => {
    const found = routes({
      'main.js': autoload(
        "matchFilter: (path) => path.endsWith('.route.js'), ignoreFilter: 'draft', ignorePattern: /^_/, maxDepth: 1",
      ),
      'http/orders/create.route.js': plugin('/create'),
      'http/orders/create.model.js': plugin('/model'),
      'http/orders/draft.route.js': plugin('/draft'),
      'http/orders/_old.route.js': plugin('/old'),
      'http/orders/deep/late.route.js': plugin('/late'),
      'http/ignored_/kept.route.js': plugin('/kept'),
    });
    expect(found.filter((route) => !route.endsWith(' (partial)'))).toEqual([
      'POST /ignored_/kept',
      'POST /orders/create',
    ]);
  });

  it('are parameters where their folders are marked so', () => {
    const found = routes({
      'main.js': autoload('routeParams: true'),
      'http/orders/_id/items/add.js': plugin('/'),
      'http/shops/__country-__city/open.js': plugin('/'),
    });
    expect(found).toEqual(['POST /orders/:id/items', 'POST /shops/:country-:city']);
  });

  it('may export one route, and their folders may be renamed or without say', () => {
    const route = "export default { method: ['POST', 'GET'], url: '/lines', handler: async () => ({}) };";
    const named = "dirNameRoutePrefix: (dir, name) => (name === 'internal' ? false : name.toLowerCase())";
    expect(routes({ 'main.js': autoload(named), 'http/internal/Orders/lines.js': route })).toEqual([
      'POST /orders/lines',
    ]);
    expect(
      routes({
        'main.js': autoload("encapsulate: false, options: { prefix: '/unused' }"),
        'http/orders/lines.js': route,
      }),
    ).toEqual(['POST /lines']);
  });

  it('lie in a folder given by desm or relative to the package', () => {
    const main = autoload('').replace("import { join } from 'node:path'", "import { join } from 'desm'");
    const orders = { 'http/orders.js': plugin('/orders') };
    expect(routes({ 'main.js': main.replace('import.meta.dirname', 'import.meta.url'), ...orders })).toEqual([
      'POST /orders',
    ]);
    expect(routes({ 'main.js': main.replace(/join\([^)]*\)/, "'./http'"), ...orders })).toEqual([
      'POST /orders',
    ]);
  });
});

describe('plugins of Fastify', () => {
  it('share the scope around them by fastify-plugin, unless it is told otherwise', () => {
    const found = routes({
      'main.js': `
        import Fastify from 'fastify';
        import fp from 'fastify-plugin';
        const app = Fastify();
        const orders = async (scope) => { scope.post('/orders', async () => ({})); };
        app.register(fp(orders), { prefix: '/shared' });
        app.register(fp(async (scope) => { scope.post('/items', async () => ({})); }, { encapsulate: true }), { prefix: '/own' });
        app.decorateRequest('user', null).addHook('onRequest', () => {}).setErrorHandler(() => {}).put('/late', async () => ({}));
      `,
    });
    expect(found).toEqual(['PUT /late', 'POST /orders', 'POST /own/items']);
  });

  it('take their prefix from what the schema of the environment defaults to', () => {
    const found = routes({
      'main.js': `
        import Fastify from 'fastify';
        import env from '@fastify/env';
        import S from 'fluent-json-schema';
        import { envSchema } from 'env-schema';
        import { z } from 'zod';
        import { Type } from '@sinclair/typebox';
        const zodded = z.object({ PREFIX: z.string().default('/zod'), PORT: z.coerce.number() }).parse(process.env);
        const typed = envSchema({ schema: Type.Object({ PREFIX: Type.String({ default: '/typebox' }) }) });
        const fluent = envSchema({ schema: S.object().prop('PREFIX', S.string().default('/fluent')).prop('HOST', S.string()) });
        const app = Fastify();
        const orders = async (scope) => { scope.post('/orders', async () => ({})); };
        await app.register(env, { schema: { type: 'object', properties: { PREFIX: { type: 'string', default: '/env' } } } });
        for (const { PREFIX } of [app.config, zodded, typed, fluent]) app.register(orders, { prefix: PREFIX });
        app.register(orders, { prefix: fluent.HOST });
      `,
    });
    expect(found).toEqual([
      'POST /env/orders',
      'POST /fluent/orders',
      'POST /typebox/orders',
      'POST /zod/orders',
      'POST /{HOST}/orders (partial)',
    ]);
  });

  it('are followed to the end by a class whose signal handlers change its state', () => {
    const found = routes({
      'api.js': `
        import Fastify from 'fastify';
        export class Api {
          #app = Fastify();
          start() { this.#app.post('/orders', async () => ({})); }
        }
      `,
      'main.js': `
        import { Api } from './api.js';
        class Program {
          #state = 'idle';
          constructor() { process.once('SIGTERM', () => this.#stop()); }
          #stop() { this.#state = 'stopped'; }
          start() {
            if (this.#state !== 'idle') throw new Error(this.#state);
            new Api().start();
          }
        }
        new Program().start();
      `,
    });
    expect(found).toEqual(['POST /orders']);
  });
});

describe('controllers of fastify-decorators', () => {
  const controller = `
    import { Controller, DELETE, GET, PATCH, POST } from 'fastify-decorators';
    import { ROUTES } from '../../paths';
    class Base {
      @POST('/archive') archive() { return {}; }
    }
    @Controller({ route: ROUTES.orders })
    export default class OrdersController extends Base {
      @GET('/') list() { return []; }
      @POST() create() { return {}; }
      @PATCH({ url: ROUTES.one, options: {} }) change() { return {}; }
      @DELETE(ROUTES.one, { schema: {} }) remove() { return {}; }
    }
  `;
  const sources = {
    'paths.ts': "export const ROUTES = { orders: '/orders', one: '/:id' } as const;",
    'http/orders/orders.controller.ts': controller,
    'http/ping.handler.ts': `
      import { POST, RequestHandler } from 'fastify-decorators';
      @POST('/ping')
      export default class Ping extends RequestHandler { async handle() { return {}; } }
    `,
  };

  it('are found in the folder that bootstrap reads', () => {
    const main = `
      import Fastify from 'fastify';
      import { bootstrap } from 'fastify-decorators';
      const app = Fastify();
      app.register(bootstrap, { directory: new URL('http', import.meta.url), prefix: '/v1' });
    `;
    expect(routes({ ...sources, 'main.ts': main })).toEqual([
      'POST /v1/orders',
      'DELETE /v1/orders/:id',
      'PATCH /v1/orders/:id',
      'POST /v1/orders/archive',
      'POST /v1/ping',
    ]);
  });

  it('are partial where nothing seen bootstraps them', () => {
    expect(routes(sources)).toEqual([
      'POST /orders (partial)',
      'DELETE /orders/:id (partial)',
      'PATCH /orders/:id (partial)',
      'POST /orders/archive (partial)',
      'POST /ping (partial)',
    ]);
  });
});
