import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

function scan(source: string, file = 'src/app.ts'): string[] {
  return routesOf(scanSources({ [file]: source }));
}

describe('what could not be followed is said', () => {
  it('with file, line, a code and a sentence', () => {
    const { unresolved } = scanSources({
      'src/app.ts': `import express from 'express';
        import { pick } from 'settings';
        express()[pick()]('/orders', (req, res) => {});`,
    });
    expect(unresolved).toEqual([
      {
        file: 'src/app.ts',
        line: 3,
        reason: 'dynamic_method: pick()',
        message: 'only the running program knows for which methods this registers',
      },
    ]);
  });

  it.each([
    ["const m = pick(); app.route('/orders')[m]((req, res) => {});", 'dynamic_method: m'],
    ['app.post(...pick());', 'dynamic_route: ...pick()'],
    ['require(pick())(app);', 'dynamic_call: require(pick())'],
    ['pick.plugins[pick()].mountRoutes(app);', null],
    [
      'const lib = load(pick()); lib.mountRoutes(app); function load(x) { return require(x); }',
      'dynamic_call: lib.mountRoutes',
    ],
  ])('by Express: %s', (source, reason) => {
    const routes = scan(
      `import express from 'express'; import { pick } from 'settings'; const app = express(); ${source}`,
    );
    expect(routes).toEqual(reason === null ? [] : [`src/app.ts:1 ${reason}`]);
  });

  it('where a description of the API registers the routes', () => {
    const routes = scan(`import express from 'express';
      const app = express();
      const { OpenAPIBackend } = require('openapi-backend');
      const api = new OpenAPIBackend({ definition: './api.yml' });
      app.use((req, res) => api.handleRequest(req, req, res));`);
    expect(routes).toEqual(['src/app.ts:3 described_routes: openapi-backend']);
  });

  it.each([
    ['app.route(pick);', ['dynamic_route: settings.pick']],
    ['app.route(load(pick()));', ['dynamic_route: require(x)']],
    ["app.route({ method: pick(), url: '/orders', handler() {} });", ['dynamic_method: route']],
    ['app.register(load(pick()));', ['dynamic_mount: require(x)']],
  ])('by Fastify: %s', (source, reasons) => {
    const routes = scan(
      `import fastify from 'fastify'; import { pick } from 'settings'; const app = fastify(); ${source}
      function load(x) { return require(x); }`,
    );
    expect(routes).toEqual(reasons.map((reason) => `src/app.ts:1 ${reason}`));
  });

  it.each([
    ["app.on(pick(), '/orders', (c) => c.json({}));", 'dynamic_method: on'],
    ['app.openapi(load(pick()), (c) => c.json({}));', 'dynamic_route: require(x)'],
    ["app.route('/orders', load(pick()));", 'dynamic_mount: require(x)'],
  ])('by Hono: %s', (source, reason) => {
    const routes = scan(
      `import { Hono } from 'hono'; import { pick } from 'settings'; const app = new Hono(); ${source}
      function load(x) { return require(x); }`,
    );
    expect(routes).toEqual([`src/app.ts:1 ${reason}`]);
  });

  it.each([
    ["router.register('/orders', pick(), (ctx) => {});", 'dynamic_method: register'],
    ['router.post(load(pick()), (ctx) => {});', 'dynamic_route: require(x)'],
  ])('by Koa: %s', (source, reason) => {
    const routes = scan(
      `import Router from '@koa/router'; import { pick } from 'settings'; const router = new Router(); ${source}
      function load(x) { return require(x); }`,
    );
    expect(routes).toEqual([`src/app.ts:1 ${reason}`]);
  });

  it('by hapi: a method that is not known', () => {
    const routes = scan(
      `import hapi from '@hapi/hapi'; import { pick } from 'settings';
      hapi.server().route({ method: pick(), path: '/orders', handler: () => ({}) });`,
    );
    expect(routes).toEqual(['src/app.ts:2 dynamic_method: route']);
  });

  it('by calls that are nested deeper than they are followed', () => {
    const routes = scan(`import express from 'express';
      const app = express();
      function walk(router, tree) {
        router.post(tree.path, (req, res) => {});
        if (tree.next) walk(router, tree.next);
      }
      walk(app, { path: '/1', next: { path: '/2', next: { path: '/3', next: { path: '/4', next: { path: '/5' } } } } });`);
    expect(routes).toEqual([...[1, 2, 3, 4].map((level) => `POST /${level}`), 'src/app.ts:5 too_deep: walk']);
  });

  it('by loops with more turns than are followed', () => {
    const names = Array.from({ length: 501 }, (_, index) => `'/r${index}'`).join(',');
    const routes = scan(`import express from 'express';
      const app = express();
      for (const path of [${names}]) app.post(path, (req, res) => {});
      for (let index = 0; index < 501; index += 1) app.put('/p' + index, (req, res) => {});`);
    expect(routes).toHaveLength(1002);
    expect(routes.slice(-2)).toEqual([
      'src/app.ts:3 loop_too_long: only 500 turns are followed',
      'src/app.ts:4 loop_too_long: only 500 turns are followed',
    ]);
  });

  it('by a registration on what was never made a router', () => {
    const source = (line: string): string => `import express from 'express';
      import { create, body } from './orders';
      import { hidden } from 'settings';
      const app = express();
      hidden((router) => 0)(function (router) { return () => { ${line} }; });`;
    const sources = (line: string) => ({
      'src/app.ts': source(line),
      'src/orders.ts': 'export function create(req, res) {} export const body = { a: 1 };',
    });
    const found = (line: string): string[] => routesOf(scanSources(sources(line)));
    expect(found("router.post('/orders', create);")).toEqual(['src/app.ts:5 unknown_router: router.post']);
    expect(found("router.route({ method: 'POST', url: '/orders', handler: create });")).toEqual([
      'src/app.ts:5 unknown_router: router.route',
    ]);
    expect(found('router.post(PATH, (ctx) => {});')).toEqual(['src/app.ts:5 unknown_router: router.post']);
    // What sends requests looks almost the same.
    expect(found("api.post('/orders', body);")).toEqual([]);
  });
});
