import { expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

it('routers are found through barrels of barrels, beside modules of types', () => {
  const router = (path: string): string => `
    import { Hono } from 'hono';
    export const ${path} = new Hono().post('/', (c) => c.json({}));
  `;
  const report = scanSources({
    'areas/index.ts': "export * from './types';\nexport * from './orders';\nexport * from './refunds';\n",
    'areas/types.ts': 'export interface Order { id: string }\n',
    'areas/orders/index.ts': "export * from './router';\n",
    'areas/orders/router.ts': router('orders'),
    'areas/refunds/index.ts': "export * from './router';\n",
    'areas/refunds/router.ts': router('refunds'),
    'main.ts': `
      import { Hono } from 'hono';
      import { orders, refunds } from './areas';
      export default new Hono().route('/orders', orders).route('/refunds', refunds);
    `,
  });
  expect(routesOf(report)).toEqual(['POST /orders', 'POST /refunds']);
});

it('routers are found in files that get them from a function of the project', () => {
  const report = scanSources({
    'router.ts':
      "import { OpenAPIHono } from '@hono/zod-openapi';\nexport const makeRouter = () => new OpenAPIHono();\n",
    'make.ts': `
      import { makeRouter } from './router';
      export function makeService() {
        const service = makeRouter();
        service.use('*', async (c, next) => next());
        return service;
      }
    `,
    'areas/contracts.ts': `
      import { createRoute } from '@hono/zod-openapi';
      export const place = createRoute({ method: 'post', path: '/orders', responses: {} });
    `,
    'areas/orders.ts': `
      import { makeRouter } from '../router';
      import { place } from './contracts';
      export default makeRouter().openapi(place, (c) => c.json({}));
    `,
    'service.ts': `
      import { makeService } from './make';
      import orders from './areas/orders';
      export const service = makeService();
      service.route('/v1', orders);
    `,
  });
  expect(routesOf(report)).toEqual(['POST /v1/orders']);
});
