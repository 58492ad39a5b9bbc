import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const orders = `
  import { controller, httpPost } from 'inversify-express-utils';
  @controller('/orders')
  export class Orders { @httpPost('/') create() {} }`;

function routes(
  main: string,
  others: Readonly<Record<string, string>> = { 'src/orders.ts': orders },
): string[] {
  return routesOf(scanSources({ ...others, 'src/main.ts': main })).sort();
}

describe('controllers of inversify-express-utils', () => {
  it.each([
    ['container', '/orders'],
    ['container, undefined, null', '/orders'],
    ["container, null, { rootPath: '/' }", '/orders'],
    ["container, null, { rootPath: '/api' }", '/api/orders'],
    ['container, null, { rootPath: settings.root }', '/{settings.settings.root}/orders (partial)'],
    ['container, null, settings.routing', '/{settings.settings.routing}/orders (partial)'],
  ])('serve by new InversifyExpressServer(%s)', (given, path) => {
    expect(
      routes(`
        import * as utils from 'inversify-express-utils';
        import { container, settings } from 'settings';
        new utils.InversifyExpressServer(${given}).build().listen(3000);`),
    ).toEqual([`POST ${path}`]);
  });

  it('serve by the application, the router and the prefixes that the server is given', () => {
    expect(
      routes(`
        import express from 'express';
        import { InversifyExpressServer as Server } from 'inversify-express-utils';
        const router = express.Router();
        router.post('/carts', (req, res) => res.json({}));
        const inner = express();
        inner.post('/ping', (req, res) => res.json({}));
        const server = new Server(null, router, { rootPath: '/v1' }, inner);
        const app = express();
        app.use('/shop', server.build());
        app.listen(3000);`),
    ).toEqual(['POST /shop/ping', 'POST /shop/v1/carts', 'POST /shop/v1/orders']);
  });

  it('serve beside what the configuration of the server registers', () => {
    expect(
      routes(`
        import { InversifyExpressServer } from 'inversify-express-utils';
        const server = new InversifyExpressServer(null, null, { rootPath: '/api' });
        function configure(app) { app.post('/hooks', (req, res) => res.json({})); }
        server.setConfig(configure).setErrorConfig((app) => app.use((err, req, res, next) => next(err)));
        export default server.build();`),
    ).toEqual(['POST /api/orders', 'POST /hooks']);
  });

  it('serve by classes that extend the server', () => {
    const server = `
      import { InversifyExpressServer } from 'inversify-express-utils';
      export class Server extends InversifyExpressServer {
        constructor(container) {
          super(container, null, { rootPath: '/api' });
          this.setConfig((app) => app.post('/hooks', (req, res) => res.json({})));
        }
        start() {
          const app = this.build();
          app.post('/ping', (req, res) => res.json({}));
          app.listen(3000);
        }
      }`;
    const main = "import { Server } from './server'; new Server(null).start();";
    expect(routes(main, { 'src/orders.ts': orders, 'src/server.ts': server })).toEqual([
      'POST /api/orders',
      'POST /hooks',
      'POST /ping',
    ]);
  });

  it('serve where no server is to be seen, and by that of their own package alone', () => {
    const server = (root: string): string => `
      import { InversifyExpressServer } from 'inversify-express-utils';
      new InversifyExpressServer(null, null, { rootPath: '${root}' }).build();`;
    expect(routes('')).toEqual(['POST /orders']);
    expect(
      routes(server('/shop'), {
        'src/orders.ts': orders,
        'staff/package.json': JSON.stringify({ dependencies: { inversify: '6' } }),
        'staff/main.ts': server('/staff'),
        'staff/refunds.ts': orders.replace('/orders', '/refunds'),
      }),
    ).toEqual(['POST /shop/orders', 'POST /staff/refunds']);
  });

  it('keep the routes of what they override', () => {
    expect(
      routes(
        `
        import { controller, httpDelete, httpPost, httpPut } from 'inversify-express-utils';
        class Base {
          @httpPost('/') create() {}
          @httpPut('/:id') change() {}
          @httpDelete('/:id') remove() {}
        }
        @controller('/orders')
        class Orders extends Base {
          create() {}
          @httpPut('/:id/items') change() {}
        }`,
        {},
      ),
    ).toEqual(['DELETE /orders/:id', 'POST /orders', 'PUT /orders/:id', 'PUT /orders/:id/items']);
  });

  it('take methods from the enumeration of the package, and say which are not known', () => {
    expect(
      routes(
        `
        import { controller, HTTP_VERBS_ENUM, httpMethod } from 'inversify-express-utils';
        import { verb } from 'settings';
        @controller('/orders')
        class Orders {
          @httpMethod(HTTP_VERBS_ENUM.patch, '/:id') change() {}
          @httpMethod(HTTP_VERBS_ENUM.get, '/:id') find() {}
          @httpMethod(verb, '/:id/ship') ship() {}
        }`,
        {},
      ),
    ).toEqual(['PATCH /orders/:id', 'src/main.ts:8 dynamic_method: settings.verb']);
  });
});

describe('controllers of @inversifyjs/http-core', () => {
  const shop = {
    'src/orders.ts': `
      import { Controller, Delete, Get, Post } from '@inversifyjs/http-core';
      @Controller({ path: 'orders', priority: 1 })
      export class Orders {
        @Get() list() {}
        @Post() create() {}
        @Delete('/:id') remove() {}
      }
      @Controller()
      export class Carts { @Post('carts') create() {} }`,
  };

  it.each([
    ['express', 'InversifyExpressHttpAdapter', 'express()', "'/shop', "],
    ['fastify', 'InversifyFastifyHttpAdapter', 'fastify()', null],
    ['hono', 'InversifyHonoHttpAdapter', 'new Hono()', null],
  ])('serve by the adapter of %s', (name, adapter, made, prefix) => {
    const main = (given: string, after: string): string => `
      import express from 'express';
      import fastify from 'fastify';
      import { Hono } from 'hono';
      import { ${adapter} } from '@inversifyjs/http-${name}';
      async function start() {
        const adapter = new ${adapter}(null, { logger: true }${given});
        const app = await adapter.build();
        app.post('/ping', () => ({}));
        ${after}
      }
      void start();`;
    const expected = ['DELETE /orders/:id', 'POST /carts', 'POST /orders', 'POST /ping'];
    const own = scanSources({ ...shop, 'src/main.ts': main('', '') });
    expect(routesOf(own).sort()).toEqual(expected);
    expect(own.frameworks).toEqual([name, 'inversify']);
    expect(routes(main(`, ${made}`, ''), shop)).toEqual(expected);
    if (prefix === null) return;
    expect(routes(main('', `express().use(${prefix} app);`), shop)).toEqual(
      expected.map((route) => route.replace('/', '/shop/')),
    );
  });
});

describe('payloads of InversifyJS', () => {
  const shelf = `
    interface Order { id: string; total: number }
    interface NewOrder { total: number }
    declare const shelf: { add(order: NewOrder): Promise<Order> };`;

  function payloads(types: Readonly<Record<string, string>>, main: string): unknown[] {
    const sources = { ...types, 'src/main.ts': `${shelf}\n${main}` };
    return scanSources(sources).mutations.map(({ path, payloadSource, payload }) => [
      path,
      payloadSource,
      Object.keys(payload?.properties ?? {}),
    ]);
  }

  it('are what results are made with, and not the results', () => {
    const types = {
      'node_modules/inversify-express-utils/index.d.ts': `
        declare class Result<T> { executeAsync(): Promise<T>; content: T; statusCode: number }
        declare class JsonResult extends Result<unknown> {}
        declare namespace results { export { JsonResult }; }
        declare class BaseHttpController {
          json(content: unknown, statusCode?: number): JsonResult;
          created<T>(location: string, content: T): Result<T>;
        }
        declare const controller: any, httpPost: any, requestBody: any;
        export { BaseHttpController, controller, httpPost, requestBody, results };`,
    };
    const main = `
      import { BaseHttpController, controller, httpPost, requestBody, results } from 'inversify-express-utils';
      @controller('/orders')
      class Orders extends BaseHttpController {
        @httpPost('/asked')
        async ask(@requestBody() body: NewOrder): Promise<results.JsonResult> { return this.json({ done: true }); }
        @httpPost('/created')
        async create(@requestBody() body: NewOrder) {
          const order = await shelf.add(body);
          return order ? this.created('/orders/1', order) : this.json({ reason: '', total: 0, since: '' }, 409);
        }
        @httpPost('/json')
        async save(@requestBody() body: NewOrder): Promise<results.JsonResult> {
          if (body.total > 0) return new results.JsonResult(await shelf.add(body), 200);
          return this.json({ reason: 'too little', least: 0 }, 400);
        }
        @httpPost('/own')
        async own(request, response) { response.status(201).json(await this.kept(request.body)); }
        @httpPost('/plain')
        async plain(@requestBody() body: NewOrder) { return this.kept(body); }
        private async kept(body: NewOrder) { return shelf.add(body); }
      }`;
    const order = ['id', 'total'];
    expect(payloads(types, main)).toEqual([
      ['/orders/asked', 'request', ['total']],
      ['/orders/created', 'response', order],
      ['/orders/json', 'response', order],
      ['/orders/own', 'response', order],
      ['/orders/plain', 'response', order],
    ]);
  });

  it('are the bodies of messages', () => {
    const types = {
      'node_modules/@inversifyjs/http-core/index.d.ts': `
        export class CreatedHttpResponse {
          constructor(body?: object);
          readonly statusCode: number;
          readonly body?: object | string;
          readonly headers?: Record<string, string>;
        }
        export const Body: any, Controller: any, Post: any;`,
    };
    const main = `
      import { Body, Controller, CreatedHttpResponse, Post } from '@inversifyjs/http-core';
      @Controller('/orders')
      class Orders {
        @Post()
        async create(@Body() body: NewOrder): Promise<CreatedHttpResponse> {
          return new CreatedHttpResponse(await shelf.add(body));
        }
        @Post('/asked')
        async ask(@Body() body: NewOrder): Promise<CreatedHttpResponse> { return new CreatedHttpResponse(); }
      }`;
    expect(payloads(types, main)).toEqual([
      ['/orders', 'response', ['id', 'total']],
      ['/orders/asked', 'request', ['total']],
    ]);
  });
});
