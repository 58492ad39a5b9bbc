import { expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

it('a class that extends a router registers as the router does', () => {
  const report = scanSources({
    'crud.ts': `
      import Router from '@koa/router';
      import deepmerge from 'deepmerge';
      const usual = { disabled: { post: false, remove: false } };
      export default class Crud<T> extends Router {
        readonly settings;
        constructor(public readonly table, settings = {}) {
          super({ prefix: '/' + table.name.replaceAll('_', '-') });
          this.settings = deepmerge(usual, settings);
          this.#addRoutes();
        }
        relate(other) {
          this.put(\`/:id/\${other.name}\`, this.#guard(), async (ctx) => { ctx.body = {}; });
          return this;
        }
        #guard() { return async (ctx, next) => next(); }
        #addRoutes() {
          if (!this.settings.disabled.post) this.post('/', async (ctx) => { ctx.body = {}; });
          if (!this.settings.disabled.remove) this.delete('/:id', async (ctx) => { ctx.body = {}; });
        }
      }
    `,
    'main.ts': `
      import Koa from 'koa';
      import Crud from './crud';
      const orders = new Crud({ name: 'sales_orders' }, { disabled: { post: true } });
      orders.relate({ name: 'items' }).post('/place', async (ctx) => { ctx.body = {}; });
      class Api extends Koa {
        constructor() { super(); this.use(orders.routes()); }
        serve(crud) { return super.use(crud.routes()); }
      }
      new Api().serve(new Crud({ name: 'refunds' }));
    `,
  });
  expect(routesOf(report)).toEqual([
    'POST /refunds',
    'DELETE /refunds/:id',
    'DELETE /sales-orders/:id',
    'PUT /sales-orders/:id/items',
    'POST /sales-orders/place',
  ]);
});

it.each([
  { from: 'hono', base: 'Hono', mount: "route('/items', new Items())" },
  { from: 'elysia', base: 'Elysia', mount: "group('/items', (app) => app.use(new Items()))" },
])('a class without a constructor extends $base', ({ from, base, mount }) => {
  const report = scanSources({
    'main.ts': `
      import { ${base} } from '${from}';
      class Items extends ${base} {
        made = this.post('/', (c) => c.json({}));
        extend(path) { return this.put(path, (c) => c.json({})); }
      }
      class Rest extends Items {}
      export default new ${base}().${mount};
      export const rest = new Rest().extend('/rest');
    `,
  });
  expect(routesOf(report)).toEqual(['POST /', 'POST /items', 'PUT /rest']);
});
