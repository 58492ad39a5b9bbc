import { afterEach, describe, expect, it } from 'vitest';
import { scanCommand } from '../../src/commands/scan.ts';
import type { RouteExplanation } from '../../src/scan/explain.ts';
import type { Terminal } from '../../src/ui/terminal.ts';
import { writeSources } from '../helpers/scan-sources.ts';

const SOURCES = {
  'src/app.ts': `import express from 'express';
import { mountAll } from './mount';
const app = express();
mountAll(app);
`,
  'src/mount.ts': `import { API } from './paths';
import { orders } from './orders';
import { settings } from 'settings';
export function mountAll(app) {
  app.use(API, orders);
  app.use(settings.basePath, orders);
}
`,
  'src/paths.ts': `const VERSION = 'v1';
export const API = \`/api/\${VERSION}\`;
`,
  'src/orders.ts': `import { Router } from 'express';
import { asyncHandler } from './async-handler';
export interface Order {
  id: string;
  passwordHash: string;
}
export const orders = Router();
orders.post('/orders/:id/ship', asyncHandler(shipOrder));
orders.post('/orders', (req, res) => {
  const order: Order = load();
  res.json(order);
});
orders.post('/orders/search', (req, res) => res.json([]));
orders.post('/customers/:id/orders', (req, res) => res.json({ id: 1 }));
function shipOrder(req, res) {}
declare function load(): Order;
`,
  'src/async-handler.ts': `export function asyncHandler(handler) {
  return (req, res, next) => handler(req, res).catch(next);
}
`,
};

afterEach(() => {
  process.exitCode = undefined;
});

async function explain(...args: string[]): Promise<string[]> {
  const result: string[] = [];
  const terminal: Terminal = {
    cwd: writeSources(SOURCES),
    env: { NO_COLOR: '1' },
    isInteractive: false,
    columns: 80,
    result: (line) => result.push(line),
    note: () => undefined,
    progress: () => undefined,
  };
  await scanCommand(terminal)
    .exitOverride()
    .parseAsync(['--explain', ...args], { from: 'user' });
  return result;
}

async function explained(...args: string[]): Promise<RouteExplanation[]> {
  const [document = ''] = await explain(...args, '--json');
  const { routes } = JSON.parse(document) as { routes: RouteExplanation[] };
  return routes;
}

describe('evtgen scan --explain', () => {
  it('prints how a route came about, step by step', async () => {
    const lines = await explain('POST', '/api/v1/orders/:id/ship');
    expect(lines.map((line) => line.replace(/ {2,}(?=src\/)/, '  @'))).toEqual([
      'POST /api/v1/orders/:id/ship  express',
      'path',
      '  /api/v1  mounted by app.use(API, orders)  @src/mount.ts:5',
      '      inside function mountAll(app)  @src/mount.ts:4',
      '      called as mountAll(app)  @src/app.ts:4',
      '      with API = `/api/${VERSION}`  @src/paths.ts:2',
      "      with VERSION = 'v1'  @src/paths.ts:1",
      "  /orders/:id/ship  registered by orders.post('/orders/:id/ship', asyncHandler(shipOrder))  @src/orders.ts:8",
      'handler',
      '  shipOrder  @src/orders.ts:15',
      '      inside asyncHandler',
      'kind',
      '  mutation: POST changes something, and no word of the path says otherwise',
      'event',
      '  order.shipped  (confidence: high)',
      '      the end of the path says what is done: shipped',
      '      "order" is what it is done to, before it',
      'payload',
      "  what the handler is asked: orders.post('/orders/:id/ship', asyncHandler(shipOrder))  @src/orders.ts:8",
      '      fields: id',
    ]);
  });

  it('says what the payload was read off, its type, and what was left out of it', async () => {
    const [route] = await explained('post', 'api/v1/orders/');
    expect(route?.payload).toEqual({
      source: 'response',
      from: { file: 'src/orders.ts', line: 11, source: 'order' },
      types: [{ file: 'src/orders.ts', line: 3, source: 'export interface Order' }],
      properties: ['id'],
      sensitive: ['passwordHash'],
    });
  });

  it('says what is unknown, and with which name another route took the better one', async () => {
    const [route] = await explained('POST', '/{settings.settings.basePath}/customers/:id/orders');
    expect(route?.partial).toBe(true);
    expect(route?.steps[0]).toMatchObject({
      what: 'mount',
      path: '/{settings.settings.basePath}',
      file: 'src/mount.ts',
      line: 6,
      unknown: ['{settings.settings.basePath}'],
    });
    expect(route?.event).toMatchObject({
      type: 'customer.order_created',
      taken: [{ eventType: 'order.created', by: 'POST /{settings.settings.basePath}/orders' }],
    });
  });

  it('says why something is no mutation', async () => {
    const [route] = await explained('POST', '/api/v1/orders/search');
    expect(route?.kind).toEqual({
      is: 'query',
      because: '"search" or the handler\'s name asks for something and changes nothing',
    });
    expect(route?.event.type).toBeNull();
  });

  it('takes any spelling of parameters, a path without what is unknown in it, and explains all that match', async () => {
    const paths = async (path: string): Promise<string[]> =>
      (await explained('POST', path)).map((route) => route.path);
    expect(await paths('/api/v1/orders/{orderId}/ship')).toEqual(['/api/v1/orders/:id/ship']);
    expect(await paths('/orders/:id/ship')).toEqual(['/{settings.settings.basePath}/orders/:id/ship']);
    expect(await paths('/api/v1/orders/42/ship')).toEqual(['/api/v1/orders/:id/ship']);
    expect(await explained('POST /api/v1/orders')).toHaveLength(1);
  });

  it('names the nearest routes when there is none, with exit code 2', async () => {
    await expect(explain('POST', '/api/v1/order')).rejects.toMatchObject({
      code: 'unknown_route',
      exitCode: 2,
      message: 'there is no route POST /api/v1/order',
      hint: expect.stringMatching(/^the nearest are:\n {2}POST \/api\/v1\/orders\n/),
    });
    await expect(explain('GET', '/api/v1/orders')).rejects.toMatchObject({
      hint: 'scan looks at POST, PUT, PATCH and DELETE, which change something',
    });
    await expect(explain('POST')).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
  });
});
