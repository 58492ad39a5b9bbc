import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const routes = (sources: Readonly<Record<string, string>>): string[] => routesOf(scanSources(sources));
const handler = 'async (ctx) => { ctx.body = {}; }';

describe('routes of Koa', () => {
  it('have the prefix of whoever calls the function that makes their application', () => {
    const found = routes({
      'apis/make.ts': `
        import Koa from 'koa';
        import Router from '@koa/router';
        export default function makeApis(): Koa {
          const apis = new Koa();
          const router = new Router();
          router.post('/orders', ${handler});
          apis.use(router.routes());
          return apis;
        }
      `,
      'shop.ts': `
        import Koa from 'koa';
        import mount from 'koa-mount';
        import makeApis from './apis/make';
        export default class Shop {
          private readonly app;
          static async open(id: string) { return new Shop(id); }
          private constructor(id: string) {
            this.app = new Koa();
            this.app.use(mount('/api', makeApis()));
            this.run = process.env.BY_PATH ? mount('/' + id, this.app) : mount(this.app);
          }
        }
      `,
    });
    expect(found).toEqual(['POST /api/orders']);
  });

  it('are partial where an application is only known below an unknown prefix', () => {
    const found = routes({
      'shop.ts': `
        import Koa from 'koa';
        import Router from '@koa/router';
        import mount from 'koa-mount';
        export function open(id: string) {
          const app = new Koa();
          const router = new Router();
          router.post('/orders', ${handler});
          app.use(router.routes());
          return mount('/' + id, app);
        }
      `,
    });
    expect(found).toEqual(['POST /{id}/orders (partial)']);
  });

  it.each([
    {
      idiom: 'joi-router objects',
      code: `
        const joi = require('koa-joi-router');
        const router = joi();
        router.prefix('/orders');
        router.route([{ method: ['post', 'put'], path: '/:id', handler: ${handler} }]);
        app.use(router.middleware());`,
      expected: ['POST /orders/:id', 'PUT /orders/:id'],
    },
    {
      idiom: 'combined and converted routers',
      code: `
        const one = new Router().post('/one', ${handler});
        const two = new Router({ prefix: '/two' }).del('remove', '/:id', ${handler});
        app.use(convert(combine(one, two)()));`,
      expected: ['POST /one', 'DELETE /two/:id'],
    },
    {
      idiom: 'what is mounted beside middleware made from the application',
      code: `
        const { render } = require('./pages');
        function guard(target) { return async (ctx, next) => { target.emit('seen'); await next(); }; }
        const router = new Router({ prefix: '/orders' }).post('/', ${handler});
        app.use(guard(app)).use(render(app)).use(router.routes());`,
      expected: ['POST /orders'],
    },
    {
      idiom: 'what is mounted on an application that a package wrapped',
      code: `
        const websockify = require('koa-websocket');
        const router = new Router().post('/orders', ${handler});
        const both = websockify(app);
        both.use(router.routes());`,
      expected: ['POST /orders'],
    },
    {
      idiom: 'methods from a list, paths in one, nested under several',
      code: `
        const child = new Router();
        for (const method of ['post', 'put']) child[method](['/a', '/b'], ${handler});
        const parent = new Router();
        parent.use(['/x', '/y'], child.routes(), child.allowedMethods());
        app.use(parent.routes());`,
      expected: ['a', 'b'].flatMap((leaf) =>
        ['x', 'y'].flatMap((area) => ['POST', 'PUT'].map((method) => `${method} /${area}/${leaf}`)),
      ),
    },
  ])('are found as $idiom', ({ code, expected }) => {
    const found = routes({
      'main.js': `
        const Koa = require('koa');
        const { Router } = require('@koa/router');
        const combine = require('koa-combine-routers');
        const convert = require('koa-convert');
        const app = new Koa();
        ${code}
      `,
    });
    expect(found.sort()).toEqual([...expected].sort());
  });
});

describe('routes of Hono', () => {
  it.each([
    {
      idiom: 'a mounted application',
      code: `
        const inner = new Hono().post('/orders', (c) => c.json({}));
        app.mount('/v1', inner.fetch);`,
      expected: ['POST /v1/orders'],
    },
    {
      idiom: 'a list of documented routes',
      code: `
        import { OpenAPIHono, createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
        const ship = defineOpenAPIRoute({
          route: createRoute({ method: 'post', path: '/orders/{id}/ship', responses: {} }),
          handler: (c) => c.json({}),
        });
        const api = new OpenAPIHono();
        api.openapiRoutes([ship] as const);
        app.route('/v1', api);`,
      expected: ['POST /v1/orders/:id/ship'],
    },
    {
      idiom: 'classes of endpoints',
      code: `
        import { fromHono } from 'chanfana';
        class OrderCreate { async handle(c) { return {}; } }
        const documented = fromHono(app);
        documented.post('/orders', OrderCreate);`,
      expected: ['POST /orders'],
    },
    {
      idiom: 'a table of registering functions',
      code: `
        const registerOrders = (target: Hono) => target.post('/orders', (c) => c.json({}));
        function registerRefunds(target: Hono) { target.on(['POST', 'PUT'], ['/a', '/b'], (c) => c.json({})); }
        [registerOrders, registerRefunds].forEach((register) => register(app));`,
      expected: ['POST /a', 'PUT /a', 'POST /b', 'PUT /b', 'POST /orders'],
    },
  ])('are found as $idiom', ({ code, expected }) => {
    const found = routes({
      'main.ts': `import { Hono } from 'hono';\nconst app = new Hono();\n${code}\nexport default app;`,
    });
    expect(found).toEqual(expected);
  });
});
