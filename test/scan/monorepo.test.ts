import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';
import { folderWith } from '../helpers/write-files.ts';

const express = { dependencies: { express: '^5.0.0' } };
const shop = {
  'package.json': { private: true, workspaces: ['apps/*', 'packages/*'] },
  'apps/api/package.json': { name: '@acme/api', ...express },
  'apps/api/tsconfig.json': { compilerOptions: { paths: { '~/*': ['./src/*'] } } },
  'apps/api/src/server.ts': `
    import express from 'express';
    import { ordersRouter } from '@acme/orders';
    import { API } from '@acme/constants/paths';
    import { stockRouter } from '~/stock';
    const app = express();
    app.use(API, ordersRouter);
    app.use(API, stockRouter);
    app.listen(3000);`,
  'apps/api/src/stock.ts': `
    import { Router } from 'express';
    export const stockRouter = Router();
    stockRouter.put('/stock/:sku', (req, res) => res.json({}));`,
  'packages/orders/package.json': {
    name: '@acme/orders',
    main: 'dist/index.js',
    types: 'dist/index.d.ts',
    ...express,
  },
  'packages/orders/src/index.ts': `
    import { Router } from 'express';
    export const ordersRouter = Router();
    ordersRouter.post('/orders', (req, res) => res.json({}));`,
  'packages/constants/package.json': {
    name: '@acme/constants',
    exports: { './*': { types: './dist/*.d.ts', default: './dist/*.js' } },
  },
  'packages/constants/src/paths.ts': `export const API = '/api/v1';`,
};

const pathsOf = (root: string) =>
  scanProject(root).mutations.map(({ method, path, partial, file }) => ({
    route: `${method} ${path}`,
    partial,
    file,
  }));

describe('a package of a monorepo', () => {
  it('is scanned with the sources of the other packages, though nothing is installed or built', () => {
    expect(pathsOf(join(folderWith(shop), 'apps/api'))).toEqual([
      { route: 'POST /api/v1/orders', partial: false, file: '../../packages/orders/src/index.ts' },
      { route: 'PUT /api/v1/stock/:sku', partial: false, file: 'src/stock.ts' },
    ]);
  });

  it.each([
    ['pnpm', 'pnpm-workspace.yaml', 'packages:\n  - "*/*"\n'],
    ['Nx', 'nx.json', '{}'],
    ['Turborepo', 'turbo.json', '{}'],
    ['Lerna', 'lerna.json', '{}'],
  ])('is found in one of %s', (_tool, file, text) => {
    const root = folderWith({ ...shop, 'package.json': { private: true }, [file]: text });
    expect(pathsOf(join(root, 'apps/api'))).toHaveLength(2);
  });

  it.each([
    [
      'exports with a condition of its own',
      { exports: { '.': { '@acme/source': './code/main.ts' } } },
      'code/main.ts',
    ],
    ['a source field', { source: 'code/main.ts', main: 'dist/main.js' }, 'code/main.ts'],
    ['a main that is source', { main: './code/main.ts' }, 'code/main.ts'],
    ['types in a nested build folder', { types: 'dist/types/orders.d.ts' }, 'src/orders.ts'],
    ['nothing', {}, 'src/index.ts'],
  ])('is entered by %s', (_what, manifest, entry) => {
    const { 'packages/orders/src/index.ts': code, ...others } = shop;
    const root = folderWith({
      ...others,
      'packages/orders/package.json': { name: '@acme/orders', ...manifest },
      [`packages/orders/${entry}`]: code,
    });
    expect(pathsOf(join(root, 'apps/api'))[0]?.file).toBe(`../../packages/orders/${entry}`);
  });

  it('goes by the path aliases that a referenced tsconfig names', () => {
    const root = folderWith({
      ...shop,
      'apps/api/tsconfig.json': { files: [], references: [{ path: './tsconfig.app.json' }] },
      'apps/api/tsconfig.app.json': { compilerOptions: { composite: true, paths: { '~/*': ['./src/*'] } } },
    });
    expect(pathsOf(join(root, 'apps/api'))).toHaveLength(2);
  });
});

describe('a monorepo', () => {
  it('is scanned with the path aliases of each package', () => {
    const routes = pathsOf(folderWith(shop)).map(({ route, file }) => `${route} ${file}`);
    expect(routes).toEqual([
      'POST /api/v1/orders packages/orders/src/index.ts',
      'PUT /api/v1/stock/:sku apps/api/src/stock.ts',
    ]);
  });
});
