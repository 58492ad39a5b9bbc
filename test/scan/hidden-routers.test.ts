import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const orders = 'export const create = (req, res) => {}; export const put = (req, res) => {};';

function scan(app: string): string[] {
  return routesOf(scanSources({ 'src/app.ts': app, 'src/orders.ts': orders }));
}

describe('routers that come from a package nobody knows', () => {
  it.each([
    ["import { app } from '@acme/server'; app.post('/orders', (req, res) => {});", 'app.post'],
    [
      "import { create } from '@acme/server'; const app = create(); app.put('/orders', orders.put);",
      'app.put',
    ],
    [
      "import server from '@acme/server'; server.route([{ method: 'POST', path: '/orders', handler: orders.create }]);",
      'server.route',
    ],
    [
      "import { make } from '@acme/http'; import express from 'express'; const r = make(); r.post('/orders', wrap(orders.create)); express().use('/v1', r); import { wrap } from 'wrap';",
      'r.post',
    ],
  ])('are reported: %s', (source, words) => {
    expect(scan(`import * as orders from './orders'; ${source}`)).toEqual([
      `src/app.ts:1 unknown_router: ${words}`,
    ]);
  });

  it('are not clients and what stands in for a server', () => {
    expect(
      scan(`import axios from 'axios'; import { rest } from 'msw';
        import { create } from './orders';
        const api = axios.create();
        export const save = (order) => api.post('/orders', order);
        export const remove = () => api.delete('/orders/1', { headers: {} });
        export const handlers = [rest.post('/orders', (req, res, ctx) => res())];`),
    ).toEqual([]);
  });

  it('are not what waits for events', () => {
    expect(
      scan(`import express from 'express'; import Events from 'eventproxy'; import { create } from './orders';
        export const show = (req, res) => { const events = new Events();
          events.all('order', 'items', (order, items) => res.json({ order, items })); };
        express().post('/orders', create);`),
    ).toEqual(['POST /orders']);
  });

  it('register a plugin of hapi where no import says so', () => {
    expect(
      scan(`export const plugin = { name: 'orders', register(server) {
        server.route({ method: 'POST', path: '/orders', handler: (request, h) => ({}) }); } };`),
    ).toEqual(['POST /orders (partial)']);
  });
});

describe('parameters that are called as routers are', () => {
  it('are clients where what they are given is data or what they give is awaited', () => {
    const routes = routesOf(
      scanSources({
        'src/app.ts': "import express from 'express'; express().post('/a', (req, res) => {});",
        'src/client.ts': `export function save(api, order) { return api.post('/orders', order); }
          export const clear = async (server) => { await server.delete('/orders', server.all); };
          export const reset = (app) => app.put('/orders', { body: {} });`,
      }),
    );
    expect(routes).toEqual(['POST /a']);
  });
});

const controller = `import { Controller, Post } from '@nestjs/common';
  @Controller({ path: 'orders', version: '1' }) export class OrdersController { @Post() create() {} }`;
const nest = (setup: string, imports = ''): string[] =>
  routesOf(
    scanSources({
      'src/orders.ts': controller,
      'src/module.ts': `import { Module } from '@nestjs/common'; import { RouterModule } from '@nestjs/core';
        import { OrdersController } from './orders'; import { routes } from '@acme/routes';
        @Module({ controllers: [OrdersController], imports: [${imports}] }) export class AppModule {}`,
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { VersioningType } from '@nestjs/common';
        import { AppModule } from './module'; import { settings } from '@acme/settings';
        async function bootstrap() { const app = await NestFactory.create(AppModule); ${setup}; await app.listen(3000); }
        bootstrap();`,
    }),
  );

describe('settings of Nest that only the running program knows', () => {
  it.each([
    ['app.enableVersioning()', 'POST /v1/orders'],
    ['app.enableVersioning({ type: VersioningType.URI })', 'POST /v1/orders'],
    ['app.enableVersioning({ type: VersioningType.HEADER })', 'POST /orders'],
    ['app.enableVersioning({ type: 1 })', 'POST /orders'],
    ['app.enableVersioning(settings.versioning)', 'POST /orders (partial)'],
    ['app.enableVersioning({ ...settings.versioning })', 'POST /orders (partial)'],
  ])('%s gives %s', (setup, route) => {
    expect(nest(setup)).toEqual([route]);
  });

  it('are reported where they are the paths of modules', () => {
    expect(nest('', 'RouterModule.register(routes)')).toEqual([
      'POST /orders (partial)',
      'src/module.ts:3 dynamic_prefix: RouterModule of @acme/routes.routes',
    ]);
    expect(nest('', 'RouterModule.register([...routes])')).toEqual([
      'POST /orders (partial)',
      'src/module.ts:3 dynamic_prefix: RouterModule of list',
    ]);
  });
});
