import { expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const wrappers = `
import express from 'express';
export const app = express();
export function setupRoute(...args) {
  const [router, verb, name] = args;
  const handler = args[args.length - 1];
  router[verb](name, (req, res, next) => handler(req, res).catch(next));
}
export class Controller {
  app = app;
  route(options) {
    this.app[options.method](options.path, options.handler);
    this.app.use(options.path, (req, res, next) => next());
  }
  post(path, handler) {
    this.route({ method: 'post', path, handler });
  }
}
export function addCrud(router, resource) {
  router.post('/' + resource, create);
  router.delete('/' + resource + '/:id', remove);
}
function create(req, res) {}
function remove(req, res) {}
`;
const routes = `
import { addCrud, app, Controller, setupRoute } from './wrappers.js';
setupRoute(app, 'put', '/orders/:id', async (req, res) => {});
class Orders extends Controller {
  constructor() {
    super();
    this.route({
      method: 'post', path: '/orders/search',
      handler: this.search,
    });
    this.post('/orders', this.create);
  }
  search(req, res) {}
  create(req, res) {}
}
new Orders();
addCrud(app, 'refunds');
`;

it('a wrapper that only hands on what it is told leaves the registration with its caller', () => {
  const { mutations } = scanSources({ 'wrappers.js': wrappers, 'routes.js': routes });
  expect(mutations.map(({ method, path, file, line }) => `${method} ${path} ${file}:${line}`)).toEqual([
    'POST /orders routes.js:11',
    'PUT /orders/:id routes.js:3',
    'POST /orders/search routes.js:7',
    'POST /refunds wrappers.js:20',
    'DELETE /refunds/:id wrappers.js:21',
  ]);
});

it('lists no route for a wrapper that nothing calls, and says so', () => {
  const report = scanSources({
    'src/app.ts': `
      import express from 'express';
      import { postOrder } from './helpers.ts';
      const app = express();
      postOrder(app, '/orders', (req, res) => {});`,
    'src/helpers.ts': `
      import type { Router, RequestHandler } from 'express';
      export function postOrder(router: Router, path: string, handler: RequestHandler) {
        router.post(path, (req, res, next) => handler(req, res, next));
      }
      export function putOrder(router: Router, path: string, handler: RequestHandler) {
        router.put(path, (req, res, next) => handler(req, res, next));
      }`,
  });
  expect(routesOf(report)).toEqual(['POST /orders', 'src/helpers.ts:7 dynamic_route']);
});
