import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScanReport } from '../../src/scan/report.ts';
import { scanProject } from '../../src/scan/scan.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-next-'));
  put('package.json', '{"dependencies":{"next":"16","hono":"4"}}');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const put = (file: string, text: string): void => {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), text);
};
const routesOf = ({ mutations }: ScanReport): string[] =>
  mutations.map(({ method, path, partial }) => `${method} ${path}${partial ? ' (partial)' : ''}`);
const routes = (): string[] => routesOf(scanProject(root));
const createOrder = 'async function createOrder(req, res) {\n  res.status(201).json({ id: 1 });\n}\n';

describe('an API route of the pages router', () => {
  it.each([
    ["if (req.method !== 'POST') return res.status(405).end();\n res.json(await ship(req));", ['POST']],
    ["if (req.method === 'GET') return res.json([]);\n return res.status(405).end();", []],
    [
      "if (req.method !== 'GET') { res.setHeader('Allow', ['GET']); return res.status(405).end(); }\n res.json([]);",
      [],
    ],
    [
      "if (req.method === 'OPTIONS') return res.status(200).end();\n return orders.handle(req, res);",
      ['ALL'],
    ],
    ["const isPut = req.method === 'PUT';\n if (isPut) return res.json(await ship(req));", ['PUT']],
    [
      "switch (req.method?.toUpperCase()) {\n case 'GET': return res.json([]);\n case 'PUT':\n case 'PATCH': {\n await ship(req);\n break;\n }\n default: throw new Error('405');\n }",
      ['PATCH', 'PUT'],
    ],
    [
      "if (!['POST', 'DELETE'].includes(req.method)) return res.status(405).end();\n await ship(req);",
      ['DELETE', 'POST'],
    ],
    ["return req.method === 'DELETE' ? cancel(req, res) : res.status(405).end();", ['DELETE']],
    [
      "try {\n if (req.method === 'PATCH') return res.json(await ship(req));\n throw new Error('no');\n } finally { await close(); }",
      ['PATCH'],
    ],
    ["fetch('https://bank.example', { method: 'DELETE' });\n res.json({ paid: true });", ['ALL']],
    ["if (session.method === 'POST') remember();\n res.json({ ok: true });", ['ALL']],
  ])('answers the methods that reach its work: %s', (body, methods) => {
    put('pages/api/orders.ts', `export default async function handler(req, res) {\n ${body}\n}\n`);
    expect(routes()).toEqual(methods.map((method) => `${method} /api/orders`));
  });

  it('answers what the function that it leaves the request to answers', () => {
    put(
      'lib/orders.ts',
      `export async function route(req, res) {\n  if (req.method === 'POST') return create(req, res);\n}\n${createOrder.replace('createOrder', 'create')}`,
    );
    put(
      'pages/api/orders.ts',
      "import { route } from '../../lib/orders';\n\nexport default async function handler(req, res) {\n  return route(req, res);\n}\n",
    );
    expect(scanProject(root).mutations).toMatchObject([
      {
        method: 'POST',
        path: '/api/orders',
        file: 'pages/api/orders.ts',
        line: 3,
        handler: { name: 'create' },
      },
    ]);
  });

  it('answers by itself what others only check before', () => {
    put('lib/check.ts', 'export const check = async (req, res) => {};\n');
    put(
      'pages/api/orders.ts',
      "import { check } from '../../lib/check';\nexport default async function handler(req, res) {\n  if (req.method === 'POST') {\n    await check(req, res);\n    const order = await save(req.body);\n    res.json(order);\n  }\n}\n",
    );
    expect(scanProject(root).mutations).toMatchObject([
      { method: 'POST', path: '/api/orders', handler: { name: 'handler', file: 'pages/api/orders.ts' } },
    ]);
  });

  it('does not answer what only its authentication asks about', () => {
    put(
      'lib/session.ts',
      "export async function session(req, res) {\n  if (req.method === 'POST') await renew(req);\n  return load(req);\n}\n",
    );
    put(
      'pages/api/orders.ts',
      "import { session } from '../../lib/session';\nexport default async function handler(req, res) {\n  await session(req, res);\n  if (req.method === 'DELETE') return res.json({ id: await cancel() });\n  res.status(405).end();\n}\n",
    );
    expect(routes()).toEqual(['DELETE /api/orders']);
  });

  it('answers the methods that a guard or a wrapper lets through', () => {
    put(
      'lib/allow.ts',
      [
        "import { traced } from 'tracing';",
        'export function only(req, res, methods) {\n  if (!methods.includes(req.method)) {\n    res.status(405).end();\n    return false;\n  }\n  return true;\n}',
        "export const endpoint = (handler, methods = ['GET']) => traced(async (req, res) => {\n  if (preflight(req, res, methods)) return;\n  await handler(req, res);\n});",
      ].join('\n'),
    );
    put(
      'pages/api/guarded.ts',
      "import { only } from '../../lib/allow';\nexport default async function handler(req, res) {\n  if (!only(req, res, ['PUT'])) return;\n  res.json(await ship(req));\n}\n",
    );
    put(
      'pages/api/listed.ts',
      `import { endpoint } from '../../lib/allow';\n${createOrder}export default endpoint(createOrder, ['POST']);\n`,
    );
    put(
      'pages/api/read.ts',
      "import { endpoint } from '../../lib/allow';\nexport default endpoint(async (req, res) => res.json([]));\n",
    );
    put(
      'pages/api/packaged.ts',
      `import { allow } from 'allow-methods';\n${createOrder}export default allow(['PATCH'])(createOrder);\n`,
    );
    const report = scanProject(root);
    expect(routesOf(report)).toEqual(['PUT /api/guarded', 'POST /api/listed', 'PATCH /api/packaged']);
    expect(report.mutations[1]?.handler?.name).toBe('createOrder');
  });

  it('answers the methods of a map, wherever the functions are made', () => {
    put(
      'lib/authed.ts',
      'export const authed = ({ run }) => async (req, res) => res.json(await run(req));\n',
    );
    put(
      'pages/api/wrapped.ts',
      "import { methods } from 'method-map';\nimport { authed } from '../../lib/authed';\nexport default methods({\n  GET: authed({ run: async () => [] }),\n  POST: authed({ run: async () => ({ id: 1 }) }),\n});\n",
    );
    put(
      'pages/api/looked-up.ts',
      `${createOrder}const handlers = { POST: createOrder };\nexport default (req, res) => handlers[req.method](req, res);\n`,
    );
    put(
      'pages/api/_delete.ts',
      'export default async function handler(req, res) {\n  res.json({ id: 1 });\n}\n',
    );
    put(
      'pages/api/imported.ts',
      "import { methods } from 'method-map';\nexport default methods({ DELETE: import('./_delete') });\n",
    );
    const { mutations } = scanProject(root);
    expect(mutations.filter(({ path }) => path !== '/api/_delete')).toMatchObject([
      {
        method: 'DELETE',
        path: '/api/imported',
        file: 'pages/api/imported.ts',
        line: 2,
        handler: { file: 'pages/api/_delete.ts' },
      },
      { method: 'POST', path: '/api/looked-up', handler: { name: 'createOrder' } },
      { method: 'POST', path: '/api/wrapped', file: 'pages/api/wrapped.ts', line: 5 },
    ]);
  });

  it('answers no mutation where it hands a map without one to what looks the method up', () => {
    put(
      'lib/answer.ts',
      `export const answer = async (req, res, handlers) => {
        const handler = handlers[req.method as Verb];
        if (!handler) { res.setHeader('Allow', Object.keys(handlers)); throw new Error('no'); }
        await handler(req, res);
      };`,
    );
    const handing = (map: string): string => `import { answer } from '../../lib/answer';
      const handler = async (req, res) => { await answer(req, res, ${map}); };
      async function list(req, res) { res.json([]); } async function create(req, res) { res.json({}); }
      export default handler;`;
    put('pages/api/orders.ts', handing('{ GET: list }'));
    put('pages/api/refunds.ts', handing('{ GET: list, POST: create }'));
    put('pages/api/items.ts', handing('load()'));
    expect(routes()).toEqual(['ALL /api/items', 'POST /api/refunds']);
  });

  it('answers all methods where a package made it, and is unresolved where it comes from one', () => {
    put('pages/api/auth/[...auth].ts', "import Auth from 'auth-kit';\nexport default Auth({ pages: {} });\n");
    put('pages/api/foreign.ts', "export { default } from '@shop/handlers';\n");
    const report = scanProject(root);
    expect(routesOf(report)).toEqual(['ALL /api/auth/*']);
    expect(report.unresolved).toMatchObject([
      { file: 'pages/api/foreign.ts', line: 1, reason: 'dynamic_handler: export default' },
    ]);
  });
});

describe('an application of Next.js', () => {
  const route = 'export async function POST() {\n  return Response.json({ id: 1 });\n}\n';

  it('hosts another framework whose own routes are told, not its catch-all', () => {
    put(
      'app/api/[[...route]]/route.ts',
      [
        "import { Hono } from 'hono';",
        "import { handle } from 'hono/vercel';",
        "const app = new Hono().basePath('/api');",
        "app.post('/orders', (c) => c.json({ id: 1 }));",
        'export const GET = handle(app);',
        'export const POST = handle(app);',
      ].join('\n'),
    );
    put(
      'pages/api/v2/[[...route]].ts',
      [
        "import { Hono } from 'hono';",
        "import { handle } from '@hono/node-server/vercel';",
        'const app = new Hono();',
        "app.post('/api/v2/refunds', (c) => c.json({ id: 1 }));",
        'export default handle(app);',
      ].join('\n'),
    );
    put(
      'app/trpc/[trpc]/route.ts',
      "import { fetchRequestHandler } from '@trpc/server/adapters/fetch';\nconst handler = (req) => fetchRequestHandler({ req });\nexport { handler as GET, handler as POST };\n",
    );
    expect(routes()).toEqual(['POST /api/orders', 'POST /api/v2/refunds', 'POST /trpc/:trpc']);
  });

  it('takes the endings of its files and its base path from a configuration that is a function', () => {
    put(
      'next.config.mjs',
      "export default async (phase) => ({ basePath: '/shop', pageExtensions: ['page.tsx', 'api.ts'] });\n",
    );
    put('app/orders/route.api.ts', route);
    put('app/refunds/route.ts', route);
    put('pages/api/items.api.ts', 'export default (req, res) => res.json({ id: 1 });\n');
    put('pages/api/items.helper.ts', 'export default (req, res) => res.json({ id: 1 });\n');
    expect(routes()).toEqual(['ALL /shop/api/items', 'POST /shop/orders']);
  });

  it('may be a folder of a repository with one package.json', () => {
    put('package.json', '{"dependencies":{"next":"16"}}');
    put('apps/shop/next.config.ts', "export default { basePath: '/shop' };\n");
    put('apps/shop/src/app/orders/route.ts', route);
    put('apps/desk/next.config.js', 'module.exports = {};\n');
    put('apps/desk/app/orders/[id]/route.ts', route);
    put('libs/app/orders/route.ts', route);
    expect(routes()).toEqual(['POST /orders/:id', 'POST /shop/orders']);
  });
});
