import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathOfFile } from '../../src/frameworks/remix-files.ts';
import { scanProject } from '../../src/scan/scan.ts';

describe('the name of a route file', () => {
  it.each([
    ['flat', 'orders', '/orders'],
    ['flat', 'orders._index', '/orders'],
    ['flat', 'orders.index', '/orders/index'],
    ['flat', '_shop.orders.$id', '/orders/:id'],
    ['flat', 'orders_.$id_.edit', '/orders/:id/edit'],
    ['flat', '($lang).orders.$', '/:lang/orders/*'],
    ['flat', 'orders.feed[.]json', '/orders/feed.json'],
    ['flat', '[_]drafts', '/_drafts'],
    ['flat', 'orders.$id/route', '/orders/:id'],
    ['flat', 'orders.$id/row', null],
    ['flat', 'orders/items/route', null],
    ['hybrid', 'api+/orders.$id', '/api/orders/:id'],
    ['hybrid', '_desk+/orders+/index', '/orders'],
    ['hybrid', '_desk+/orders+/_layout', '/orders'],
    ['hybrid', 'orders+/$id/route', '/orders/:id'],
    ['hybrid', 'orders+/$id/edit.route', '/orders/:id/edit'],
    ['hybrid', 'orders+/$id/row', null],
    ['nested', '_desk/orders/$id/edit', '/orders/:id/edit'],
    ['nested', 'orders/index', '/orders'],
    ['nested', 'orders/_layout', '/orders'],
    ['nested', 'orders.$id', '/orders/:id'],
    ['nested', 'orders/+shared/row', null],
    ['nested', 'orders/stock.server', null],
    ['doubled', '__desk/orders/$id', '/orders/:id'],
    ['doubled', '__desk/_orders/index', '/_orders'],
  ] as const)('by the %s convention: %s is %s', (kind, file, path) => {
    expect(pathOfFile(file, kind)).toBe(path);
  });
});

describe('an application of Remix or React Router', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'evtgen-remix-'));
    put('package.json', '{"dependencies":{"@remix-run/node":"2"}}');
    put('app/root.tsx', 'export default () => null;\n');
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const put = (file: string, text: string): void => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const action = 'export async function action() {\n  return { id: 1 };\n}\n';
  const routes = (): string[] => scanProject(root).mutations.map(({ method, path }) => `${method} ${path}`);

  it('has flat files where nothing else is said', () => {
    put('app/routes/orders.$id.tsx', action);
    put('app/routes/orders.$id.row.server.ts', 'export const row = { action: 1 };\n');
    expect(routes()).toEqual(['POST /orders/:id']);
  });

  it('has the convention, the folder and the base that its configuration names', () => {
    put(
      'vite.config.ts',
      "import { flatRoutes } from 'remix-flat-routes';\nexport default { plugins: [remix({ appDirectory: 'src', basename: '/shop', routes: (define) => flatRoutes('routes', define) })] };\n",
    );
    put('src/routes/api+/orders.tsx', action);
    put('app/routes/items.tsx', action);
    expect(routes()).toEqual(['POST /shop/api/orders']);
  });

  it('has only the routes that it lists, if it lists them', () => {
    put('package.json', '{"devDependencies":{"@react-router/dev":"7"}}');
    put(
      'app/routes.ts',
      "export default [{ path: 'orders', file: './pages/orders.tsx', children: [{ path: ':id', file: 'pages/order.tsx' }] }];\n",
    );
    put('app/pages/orders.tsx', action);
    put('app/pages/order.tsx', action);
    put('app/routes/items.tsx', action);
    expect(routes()).toEqual(['POST /orders', 'POST /orders/:id']);
  });

  it('takes the methods that a maker of actions is given', () => {
    put(
      'app/make.ts',
      'export const make = (options, run) => ({\n  action: async ({ request }) => {\n    if (isOther(request, options)) return new Response(null, { status: 405 });\n    return run(request);\n  },\n});\n',
    );
    put(
      'app/routes/orders.$id.ts',
      "import { make } from '../make';\nexport const { action } = make({ method: ['PATCH', 'DELETE'] }, async () => ({ id: 1 }));\n",
    );
    expect(routes()).toEqual(['DELETE /orders/:id', 'PATCH /orders/:id']);
  });

  it('is none where the router runs in the browser only', () => {
    put('package.json', '{"dependencies":{"react-router":"7"}}');
    put('app/routes/orders.tsx', action);
    expect(routes()).toEqual([]);
  });
});
