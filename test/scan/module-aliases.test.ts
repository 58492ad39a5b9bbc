import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const app = `import express from 'express'; import orders from 'api/orders';
  const app = express(); app.use('/api', orders);`;
const orders = `import { Router } from 'express'; import paths from 'lib/paths';
  const router = Router(); router.post(paths.orders, (req, res) => {}); export default router;`;
const paths = "export default { orders: '/orders' };";

describe('aliases of folders', () => {
  it.each([
    [
      'jsconfig.json',
      JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { api: 'api/src', lib: ['lib/src'] } } }),
    ],
    ['package.json', JSON.stringify({ _moduleAliases: { api: 'api/dist', lib: './lib/src' } })],
    [
      '.babelrc',
      `{ // of the server
        "plugins": ["transform-runtime", ["module-resolver", { "alias": { "api": "./api/src", "lib": "./lib/src" } }]] }`,
    ],
  ])('are known by %s', (file, text) => {
    const sources = { 'api/src/app.js': app, 'api/src/orders.js': orders, 'lib/src/paths.js': paths };
    expect(routesOf(scanSources({ ...sources, [file]: text }))).toEqual(['POST /api/orders']);
  });
});
