import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';
import { routesOf, writeSources } from '../helpers/scan-sources.ts';

const payments = `import { Hono } from 'hono';
  export const stripe = new Stripe('key');
  export const payments = new Hono();
  payments.post('/refunds', (c) => c.json({}));`;

function scanGateway(server: string): string[] {
  const root = writeSources({
    'api/package.json': '{ "name": "api" }',
    'api/src/payments.ts': payments,
    'gateway/package.json': '{ "name": "gateway", "scripts": { "start": "node dist/server.js" } }',
    'gateway/src/server.ts': `import { Hono } from 'hono'; ${server}`,
  });
  return routesOf(scanProject(join(root, 'gateway'), { payloads: false }));
}

it('a router of another package is left to that package where only something beside it is used', () => {
  expect(
    scanGateway(`import { stripe } from '../../api/src/payments'; stripe.charge();
      export const app = new Hono(); app.post('/orders', (c) => c.json({}));`),
  ).toEqual(['POST /orders']);
});

it('a router of another package is served by whoever imports it', () => {
  expect(scanGateway("import { payments } from '../../api/src/payments'; serve(payments.fetch);")).toEqual([
    'POST /refunds',
  ]);
});
