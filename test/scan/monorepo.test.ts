import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanPackages } from '../../src/scan/scan-packages.ts';
import { scanProject } from '../../src/scan/scan.ts';
import { scanIn } from '../helpers/scan-in.ts';
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

  it('counts its own files only among those that were parsed', () => {
    expect(scanProject(join(folderWith(shop), 'apps/api')).stats).toMatchObject({ files: 2, parsed: 2 });
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
  const scan = (root: string) => scanPackages(root, () => ({}));
  const routesOf = (root: string) =>
    scan(root).report.mutations.map(({ method, path, partial, file }) =>
      [method, partial ? `${path} (partial)` : path, file].join(' '),
    );

  it('is scanned with the path aliases of each package', () => {
    expect(routesOf(folderWith(shop))).toEqual([
      'POST /api/v1/orders packages/orders/src/index.ts',
      'PUT /api/v1/stock/:sku apps/api/src/stock.ts',
    ]);
  });

  const nest = (prefix: string, resource: string) => `
    import { Controller, Module, Post } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';
    @Controller('${resource}') class C { @Post() create() {} }
    @Module({ controllers: [C] }) class AppModule {}
    async function main() {
      const app = await NestFactory.create(AppModule);
      app.setGlobalPrefix('${prefix}');
    }
    main();`;
  const two = {
    'package.json': { workspaces: ['apps/*'] },
    'apps/a/package.json': {
      name: 'a',
      dependencies: { '@nestjs/core': '11', '@nestjs/common': '11', pg: '8' },
    },
    'apps/a/src/main.ts': nest('api', 'orders'),
    'apps/b/package.json': { name: 'b', dependencies: { '@nestjs/core': '11', '@nestjs/common': '11' } },
    'apps/b/src/main.ts': nest('v2', 'orders'),
  };

  it('keeps the prefixes and the names of its packages apart', () => {
    const { report, packages } = scan(folderWith(two));
    expect(report.mutations.map(({ package: folder, path }) => `${folder} ${path}`)).toEqual([
      'apps/a /api/orders',
      'apps/b /v2/orders',
    ]);
    expect(report.orm).toBe('pg');
    expect(packages.map(({ folder }) => folder)).toEqual(['apps/a', 'apps/b']);
    expect(report.mutations.map(({ eventType }) => eventType)).toEqual(['order.created', 'order.created']);
  });

  it('lists what no package holds under its root, and nothing twice', () => {
    const root = folderWith({
      ...two,
      'package.json': { workspaces: ['apps/*'], ...express },
      'server.js': `require('express')().post('/own', (req, res) => res.json({}));`,
    });
    expect(scan(root).packages.map(({ folder }) => folder)).toEqual(['', 'apps/a', 'apps/b']);
    expect(scan(root).report.mutations).toHaveLength(3);
  });

  it('says which package it cannot read, and scans the rest', () => {
    const root = folderWith({ ...two, 'apps/b/package.json': '{"name": "b",' });
    expect(scan(root).report).toMatchObject({
      mutations: [{ path: '/api/orders' }],
      unresolved: [{ file: 'apps/b/package.json', reason: expect.stringMatching(/^package_not_read: /) }],
    });
  });

  it('has a catalog in each package', async () => {
    const root = folderWith(two);
    expect(await scanIn(root, '--write')).toMatchObject({
      notes: expect.arrayContaining(['wrote apps/b/events/catalog.json and 1 schema file']),
    });
    expect(await scanIn(root, '--check')).toMatchObject({
      exitCode: undefined,
      notes: ['apps/a/events/catalog.json is up to date', 'apps/b/events/catalog.json is up to date'],
    });
    writeFileSync(join(root, 'apps/b/src/main.ts'), nest('v2', 'refunds'));
    const { exitCode, notes } = await scanIn(root, '--check');
    expect(exitCode).toBe(1);
    expect(notes).toContain('apps/b/events/catalog.json is out of date (2); run "evtgen scan --write"');
  });
});
