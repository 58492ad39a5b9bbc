import { expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

it('functions that call themselves with new are followed once', () => {
  const sources = {
    'src/server.js': `import Hapi from '@hapi/hapi'; import { route } from './route';
      const server = Hapi.server({});
      server.route(route().post().path('/orders').handle((request) => request.payload));
      server.route(new route().path('/refunds').handle((request) => request.payload));`,
    'src/route.js': `export const route = function Route() {
        if (!(this instanceof route)) return new route();
        this.method = 'PUT';
      };
      route.prototype.post = function () { this.method = 'POST'; return this; };
      route.prototype.path = function (path) { this.url = path; return this; };
      route.prototype.handle = function (handler) { return { method: this.method, path: this.url, handler }; };`,
  };
  expect(routesOf(scanSources(sources))).toEqual(['POST /orders', 'PUT /refunds']);
});

it('what is told apart by its class takes one branch', () => {
  const sources = {
    'src/app.ts': `import express from 'express';
      class Version { constructor(readonly prefix: string) {} }
      class Draft extends Version {}
      class Other {}
      const at = (version: unknown) => (version instanceof Version ? '/' + version.prefix : '/latest');
      const app = express();
      app.post(at(new Draft('v2')) + '/orders', (req, res) => {});
      app.put(at(new Other()) + '/orders', (req, res) => {});`,
  };
  expect(routesOf(scanSources(sources))).toEqual(['PUT /latest/orders', 'POST /v2/orders']);
});

it('routes that get a prefix are where they are written', () => {
  const report = scanSources({
    'src/server.js': `import Hapi from '@hapi/hapi'; import { routes } from './routes';
      const server = Hapi.server({});
      server.route(routes.map((route) => ({ ...route, path: '/v1' + route.path })));`,
    'src/routes.js': `export const routes = [
        { method: 'POST', path: '/orders', handler: (request) => request.payload },
      ];`,
  });
  expect(report.mutations).toMatchObject([{ path: '/v1/orders', file: 'src/routes.js', line: 2 }]);
});
