import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';
import type { ScanReport } from '../../src/scan/report.ts';
import { folderWith } from '../helpers/write-files.ts';

const shop = {
  'package.json': { dependencies: { express: '^5.0.0', '@prisma/client': '^6.0.0' } },
  'tsconfig.json': { compilerOptions: { strict: true } },
  'schema.prisma': 'model Refund {\n  id String @id\n  amount Int\n}\n',
  'src/server.ts': `
    import express from 'express';
    import { orders } from './orders.ts';
    import { refunds } from './refunds.ts';
    const app = express();
    app.use('/orders', orders);
    app.use('/refunds', refunds);`,
  'src/orders.ts': `
    import { Router } from 'express';
    import { createOrder } from './order-store.ts';
    export const orders = Router();
    orders.post('/', (req, res) => res.json(createOrder()));`,
  'src/order-store.ts': `
    import type { Order } from './order.ts';
    export const createOrder = (): Order => ({ id: 'o1', total: 1 });`,
  'src/order.ts': 'export interface Order { id: string; total: number }',
  'src/refunds.ts': `
    import { Router } from 'express';
    import { prisma } from './prisma.ts';
    export const refunds = Router();
    refunds.post('/', async (req, res) => res.json(await prisma.refund.create({ data: req.body })));`,
  'src/prisma.ts': `import { PrismaClient } from '@prisma/client';\nexport const prisma = new PrismaClient();`,
  'node_modules/money/package.json': { name: 'money', types: 'index.d.ts' },
  'node_modules/money/index.d.ts': 'export interface Money { amount: number }',
};

const put = (root: string, file: string, text: string): void => writeFileSync(join(root, file), text);
const cacheFolder = (root: string): string => join(root, 'node_modules/.cache/evtgen');
const scan = (root: string): Omit<ScanReport, 'stats' | 'root'> => {
  const { stats: _stats, root: _root, ...found } = scanProject(root);
  return found;
};
const properties = (report: Pick<ScanReport, 'mutations'>, path: string): string[] =>
  Object.keys(report.mutations.find((mutation) => mutation.path === path)?.payload?.properties ?? {});

const refundByName = `
    import knex from 'knex';
    const db = knex({});
    async function refund(req, res) {
      await db('repayments').insert(req.body);
      res.sendStatus(201);
    }`;

/** Scans, changes the project, scans again, and once more without what was kept. */
function rescan(change: (root: string) => void): {
  before: ReturnType<typeof scan>;
  after: ReturnType<typeof scan>;
} {
  const root = folderWith(shop);
  const before = scan(root);
  expect(readdirSync(cacheFolder(root))).toHaveLength(1);
  change(root);
  const after = scan(root);
  const fresh = folderWith({});
  copyWithoutCache(root, fresh);
  expect(after).toEqual(scan(fresh));
  return { before, after };
}

function copyWithoutCache(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name === '.cache') continue;
    if (entry.isDirectory()) {
      mkdirSync(join(to, entry.name));
      copyWithoutCache(join(from, entry.name), join(to, entry.name));
    } else {
      writeFileSync(join(to, entry.name), readFileSync(join(from, entry.name)));
    }
  }
}

describe('payloads that were kept', { timeout: 60_000 }, () => {
  it('are those of a scan without them', () => {
    const { before, after } = rescan(() => {});
    expect(after).toEqual(before);
    expect(properties(after, '/orders')).toEqual(['id', 'total']);
    expect(properties(after, '/refunds')).toEqual(['id', 'amount']);
  });

  it.each<[string, (root: string) => void, string, string[]]>([
    [
      'the handler',
      (root) =>
        put(root, 'src/orders.ts', shop['src/orders.ts'].replace('createOrder()', '{ sku: 1, size: 2 }')),
      '/orders',
      ['sku', 'size'],
    ],
    [
      'a file that its file imports through another',
      (root) =>
        put(root, 'src/order.ts', 'export interface Order { id: string; total: number; note?: string }'),
      '/orders',
      ['id', 'total', 'note'],
    ],
    [
      'the Prisma schema',
      (root) => put(root, 'schema.prisma', shop['schema.prisma'].replace('amount Int', 'reason String')),
      '/refunds',
      ['id', 'reason'],
    ],
    [
      'the declarations of a dependency',
      (root) => {
        put(
          root,
          'src/order.ts',
          `import type { Money } from 'money';\nexport type Order = Money & { id: string; total: number };`,
        );
        scan(root);
        put(
          root,
          'node_modules/money/index.d.ts',
          'export interface Money { amount: number; currency: string }',
        );
      },
      '/orders',
      ['amount', 'currency', 'id', 'total'],
    ],
    [
      'which files there are',
      (root) => {
        // Beside files that were there: a new folder alone is seen otherwise.
        put(root, 'src/order-store.ts', shop['src/order-store.ts'].replace('./order.ts', './taxed-order'));
        scan(root);
        put(root, 'src/taxed-order.ts', 'export interface Order { id: string; total: number; tax: number }');
      },
      '/orders',
      ['id', 'total', 'tax'],
    ],
    [
      'a table that only a migration defines',
      (root) => {
        const migration = (column: string): string =>
          `exports.up = (knex) => knex.schema.createTable('repayments', (table) => { table.string('${column}'); });`;
        put(root, 'src/refunds.ts', shop['src/refunds.ts'].replace(/async.*/, 'refund);') + refundByName);
        put(root, 'migration.js', migration('code'));
        expect(properties(scan(root), '/refunds')).toEqual(['code']);
        put(root, 'migration.js', migration('cause'));
      },
      '/refunds',
      ['cause'],
    ],
    [
      'a function beside the handler',
      (root) => {
        const helper = (data: string): string =>
          `${shop['src/orders.ts'].replace('createOrder()', 'made()')}\nfunction made() { return ${data}; }`;
        put(root, 'src/orders.ts', helper('{ sku: 1 }'));
        expect(properties(scan(root), '/orders')).toEqual(['sku']);
        put(root, 'src/orders.ts', helper('{ sku: 1, size: 2 }'));
      },
      '/orders',
      ['sku', 'size'],
    ],
  ])('are computed again when something changes: %s', (_what, change, path, expected) => {
    const { after } = rescan(change);
    expect(properties(after, path)).toEqual(expect.arrayContaining(expected));
    expect(properties(after, path)).toHaveLength(expected.length);
  });

  it('follow the options of the compiler', () => {
    const { before, after } = rescan((root) => {
      put(root, 'src/order.ts', `export type { Order } from '~/moved';`);
      mkdirSync(join(root, 'alt'));
      put(root, 'alt/moved.ts', 'export interface Order { id: string; vat: number }');
      scan(root);
      put(root, 'tsconfig.json', '{"compilerOptions":{"strict":true,"paths":{"~/*":["./alt/*"]}}}');
    });
    expect(properties(before, '/orders')).toEqual(['id', 'total']);
    expect(properties(after, '/orders')).toEqual(['id', 'vat']);
  });

  it('are not trusted when the file is damaged', () => {
    const { before, after } = rescan((root) => {
      const file = join(cacheFolder(root), readdirSync(cacheFolder(root))[0] ?? '');
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('total', 'sum'));
    });
    expect(after).toEqual(before);
    expect(
      rescan((root) => {
        const file = join(cacheFolder(root), readdirSync(cacheFolder(root))[0] ?? '');
        writeFileSync(file, readFileSync(file, 'utf8').slice(0, 200));
      }).after,
    ).toEqual(before);
  });

  it('are used: nothing is computed where nothing changed', () => {
    const root = folderWith(shop);
    const cold = scanProject(root).stats.parsed;
    const warm = scanProject(root).stats.parsed;
    // Types alone lead to `order.ts` and `prisma.ts`.
    expect(cold - warm).toBe(2);
  });

  it('are used where another file was edited', () => {
    const root = folderWith(shop);
    const cold = scanProject(root).stats.parsed;
    put(
      root,
      'src/orders.ts',
      shop['src/orders.ts'].replace('createOrder()', '{ ...createOrder(), note: 1 }'),
    );
    // For the other route, types would lead to `prisma.ts`.
    expect(cold - scanProject(root).stats.parsed).toBe(1);
  });

  it('are used where another handler of the file was edited, and what stands between them', () => {
    const root = folderWith(shop);
    const sent = (data: string): string =>
      `${shop['src/orders.ts']}\n// A second one.\norders.put('/:id', (req, res) => res.json(${data}));`;
    put(root, 'src/orders.ts', sent('{ sku: 1 }'));
    const cold = scanProject(root).stats.parsed;
    put(root, 'src/orders.ts', `// Orders.\n\n${sent('{ size: 1 }')}`);
    const warm = scanProject(root);
    // For the first one, types would lead to `order.ts`, and for that of the other file, to `prisma.ts`.
    expect(cold - warm.stats.parsed).toBe(2);
    expect(warm.mutations.map(({ line }) => line)).toEqual([7, 9, 5]);
    expect(properties(warm, '/orders')).toEqual(['id', 'total']);
    expect(properties(warm, '/orders/:id')).toEqual(expect.arrayContaining(['size']));
  });

  it('are not kept where no dependencies are installed or their folder is read-only', () => {
    const { 'node_modules/money/package.json': _a, 'node_modules/money/index.d.ts': _b, ...bare } = shop;
    const root = folderWith(bare);
    scan(root);
    expect(existsSync(join(root, 'node_modules'))).toBe(false);
    const locked = folderWith(shop);
    chmodSync(join(locked, 'node_modules'), 0o555);
    expect(properties(scan(locked), '/orders')).toEqual(['id', 'total']);
    chmodSync(join(locked, 'node_modules'), 0o755);
    // A file in the way stops root too, whom no mode of a folder stops.
    const blocked = folderWith({ ...shop, 'node_modules/.cache': 'a file' });
    expect(properties(scan(blocked), '/orders')).toEqual(['id', 'total']);
  });

  it('leave no more than a few files behind', () => {
    const root = folderWith(shop);
    mkdirSync(cacheFolder(root), { recursive: true });
    for (let index = 0; index < 250; index += 1)
      put(root, `node_modules/.cache/evtgen/payloads-${index}.json`, '{}');
    scan(root);
    expect(readdirSync(cacheFolder(root)).length).toBeLessThanOrEqual(200);
    expect(readdirSync(cacheFolder(root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
