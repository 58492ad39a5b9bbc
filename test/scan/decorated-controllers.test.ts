import { describe, expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';
import { folderWith } from '../helpers/write-files.ts';

const scanSources = (files: Readonly<Record<string, unknown>>): string[] =>
  scanProject(folderWith({ 'package.json': {}, ...files })).mutations.map(
    ({ method, path, partial, file }) => `${method} ${path}${partial ? ' (partial)' : ''} ${file}`,
  );

describe('routing-controllers', () => {
  const orders = `import { JsonController, Post, Delete } from 'routing-controllers';
    @JsonController('/orders') export class Orders {
      @Post() create() {}
      @Delete(/\\/(\\d+)/) remove() {}
    }`;

  it('make an application of Express that mounts like any other', () => {
    const found = scanSources({
      'src/app.ts': `import { createExpressServer } from 'routing-controllers';
        import express from 'express';
        const api = createExpressServer({ routePrefix: '/api', controllers: [__dirname + '/dist/*.js'] });
        api.post('/ping', (req, res) => res.json({}));
        const app = express();
        app.use('/shop', api);`,
      'src/orders.ts': orders,
    });
    expect(found).toEqual([
      'POST /shop/api/orders src/orders.ts',
      'DELETE /shop/api/orders/{/\\/(\\d+)/} (partial) src/orders.ts',
      'POST /shop/ping src/app.ts',
    ]);
  });

  it.each([
    ['createKoaServer({ controllers: [Orders] })', '/orders'],
    ["useKoaServer(new Koa(), { controllers: [Orders], routePrefix: '/v1' })", '/v1/orders'],
    ['createExecutor(driver, { controllers: [Orders] })', '/orders'],
    ['createExpressServer({ routePrefix: settings.prefix })', '/{settings.settings.prefix}/orders (partial)'],
  ])('serve by %s', (server, path) => {
    const found = scanSources({
      'src/app.ts': `import { createKoaServer, useKoaServer, createExecutor, createExpressServer } from 'routing-controllers';
        import Koa from 'koa';
        import { settings } from 'settings';
        import { Orders } from './orders';
        ${server};`,
      'src/orders.ts': orders,
    });
    expect(found).toContain(`POST ${path} src/orders.ts`);
  });

  it('serve where the environment lists them', () => {
    const found = scanSources({
      'src/app.ts': `import { createExpressServer } from 'routing-controllers';
        createExpressServer({ controllers: (process.env.CONTROLLERS ?? '').split(',').filter(Boolean) });`,
      'src/orders.ts': orders,
    });
    expect(found).toContain('POST /orders src/orders.ts');
  });

  it('serve where no server is to be seen, and are not taken for those of Nest', () => {
    expect(scanProject(folderWith({ 'package.json': {}, 'src/orders.ts': orders })).frameworks).toEqual([
      'routing-controllers',
    ]);
  });
});

describe('tsoa', () => {
  const orders = `import { Route, Post } from '@tsoa/runtime';
    @Route('orders') export class Orders { @Post('{id}/ship') ship() {} }`;
  const generated = `// WARNING: This file was auto-generated with tsoa.
    import { Orders } from './orders';
    import type { Router } from 'express';
export function RegisterRoutes(app: Router) {
  app.post('/v1/orders/:id/ship', async function Orders_ship(request, response) { response.json({}); });
}`;
  const app = `import express from 'express';
    import { RegisterRoutes } from './routes';
    const app = express();
    RegisterRoutes(app);
    app.post('/ping', (req, res) => res.json({}));`;

  it('registers where the decorators stand, whether or not its routes are generated', () => {
    const config = { routes: { routesDir: 'src', basePath: '/v1' } };
    const expected = ['POST /ping src/app.ts', 'POST /v1/orders/:id/ship src/orders.ts'];
    const sources = { 'src/app.ts': app, 'src/orders.ts': orders };
    expect(scanSources({ 'tsoa.json': config, ...sources })).toEqual(expected);
    expect(scanSources({ 'tsoa.json': config, ...sources, 'src/routes.ts': generated })).toEqual(expected);
  });

  it.each([
    [
      'tsoa.yaml',
      'entryFile: app.ts\nspec:\n  basePath: /no\nroutes:\n  routesDir: build\n  basePath: /v2\n',
      '/v2',
    ],
    ['tsoa.json', { spec: { basePath: '/no' }, routes: { routesDir: 'build' } }, ''],
  ])('takes the base path of routes from %s', (file, config, base) => {
    expect(scanSources({ [file]: config, 'src/orders.ts': orders })).toEqual([
      `POST ${base}/orders/:id/ship src/orders.ts`,
    ]);
  });
});
