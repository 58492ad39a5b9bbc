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
