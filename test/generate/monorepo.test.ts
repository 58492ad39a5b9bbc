import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';
import { init } from '../init/project.ts';
import { projectAt } from './project.ts';

const app = (types = ''): string => `import express from 'express';

export const app = express();
app.post('/orders', (request, response) => {
  const { id, total }${types} = request.body;
  response.status(201).json({ id, total });
});
`;
const strict = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  composite: true,
  skipLibCheck: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
};

/** Tools, types and lock at the root, as workspaces of npm, yarn and pnpm have them; TypeScript by references. */
const workspace = {
  'package.json': {
    private: true,
    workspaces: ['packages/*'],
    devDependencies: { '@types/node': '20', typescript: '6', vitest: '4', oxfmt: '0.79' },
  },
  'pnpm-lock.yaml': 'lockfileVersion: 9.0\n',
  'pnpm-workspace.yaml': 'packages: [packages/*]\n',
  '.oxfmtrc.json': { semi: false },
  'tsconfig.base.json': { compilerOptions: strict },
  'packages/api/package.json': {
    name: '@shop/api',
    type: 'module',
    dependencies: { express: '5', pg: '8', '@shop/money': 'workspace:*' },
  },
  'packages/api/tsconfig.json': {
    files: [],
    include: [],
    references: [{ path: './tsconfig.spec.json' }, { path: './tsconfig.app.json' }],
  },
  'packages/api/tsconfig.spec.json': {
    extends: '../../tsconfig.base.json',
    compilerOptions: { module: 'commonjs' },
    include: ['src/**/*.spec.ts'],
  },
  'packages/api/tsconfig.app.json': {
    extends: '../../tsconfig.base.json',
    compilerOptions: { outDir: 'dist', rootDir: 'src' },
    include: ['src/**/*.ts'],
    exclude: ['src/**/*.spec.ts'],
    references: [{ path: '../money' }],
  },
  'packages/api/src/app.ts': app(': { id: string; total: number }'),
  'packages/money/package.json': { name: '@shop/money', type: 'module' },
  'packages/money/tsconfig.json': {
    extends: '../../tsconfig.base.json',
    compilerOptions: { outDir: 'dist', rootDir: 'src' },
    include: ['src'],
  },
  'packages/money/src/index.ts': 'export const cents = (amount: number): number => amount * 100;\n',
};

function folderOf(files: Readonly<Record<string, unknown>>): string {
  const root = folderWith(files);
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
  return root;
}

function run(cwd: string, tool: string, ...args: readonly string[]): Promise<string> {
  const command = join(repositoryRoot, 'node_modules', tool);
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd }, (error, stdout, stderr) =>
      resolve(error === null ? '' : stdout + stderr),
    );
  });
}

describe('a package of a workspace', () => {
  test(
    'is written to by the settings that hold for it, and compiles in them',
    { timeout: 400_000 },
    async () => {
      const root = folderOf(workspace);
      expect((await evtgen(['scan', 'packages/api', '--write'], { cwd: root })).status).toBe(0);
      const { status, stdout } = await evtgen(['generate', 'packages/api'], { cwd: root });
      expect(status).toBe(0);
      expect(stdout).toContain('\nNext steps, in packages/api:\n');
      // What the root has for all need not be installed again.
      expect(stdout).toContain('\n     pnpm add zod && pnpm add --save-dev @electric-sql/pglite @types/pg\n');
      const api = join(root, 'packages/api');
      expect(readFileSync(join(api, 'src/events/worker.ts'), 'utf8')).toContain('from "./setup.js"\n');
      expect(await run(api, 'oxfmt/bin/oxfmt', '--check', 'src/events', 'tests', 'events')).toBe('');
      expect(await run(api, 'typescript/bin/tsc', '--build', 'tsconfig.app.json')).toBe('');
      expect((await evtgen(['generate', '--check'], { cwd: api })).status).toBe(0);
    },
  );

  test('may have its dependencies and its tsconfig.json at the root, as in Nx', async () => {
    const root = folderWith({
      'node_modules/jest/bin/jest.js': '',
      'nx.json': {},
      'package.json': {
        private: true,
        packageManager: 'yarn@4.5.0',
        dependencies: { express: '5', pg: '8', zod: '4' },
        devDependencies: { typescript: '6', jest: '29' },
      },
      'tsconfig.json': { compilerOptions: { ...strict, module: 'commonjs', composite: false } },
      'apps/api/project.json': { name: 'orders-api' },
      'apps/api/src/app.ts': app(),
    });
    const project = projectAt(join(root, 'apps/api'));
    project.scan();
    const { status, stdout } = await project.generate();
    expect(status).toBe(0);
    expect(stdout).toMatch(/\n {5}yarn add --dev \S+pglite @types\/node @types\/pg @jest\/globals@29\n/);
    expect(stdout).toContain(
      'node --experimental-vm-modules ../../node_modules/jest/bin/jest.js --testMatch',
    );
    const setup = readFileSync(join(root, 'apps/api/src/events/setup.ts'), 'utf8');
    expect(setup).toContain(`source: '/orders-api'`);
    expect(setup).toContain(`from './create-events'`);
  });
});

test('the migrations of a package that has its database in another one are for that one', async () => {
  const root = folderWith({
    'package.json': { private: true, packageManager: 'pnpm@9.0.0', workspaces: ['apps/*', 'packages/*'] },
    'apps/api/package.json': { name: '@shop/api', dependencies: { express: '5', '@shop/db': 'workspace:*' } },
    'apps/api/tsconfig.json': { compilerOptions: { ...strict, module: 'commonjs', composite: false } },
    'apps/api/src/app.ts': app(),
    'packages/db/package.json': { name: '@shop/db', dependencies: { '@prisma/client': '7', prisma: '7' } },
    'packages/db/prisma/migrations/20250101000000_orders/migration.sql': 'create table orders (id text);',
  });
  const project = projectAt(join(root, 'apps/api'));
  project.scan();
  const { stdout } = await project.generate('isDry');
  const [copy = '', run] =
    stdout.replaceAll(/^ +/gm, '').split('Migrate the database:\n')[1]?.split('\n') ?? [];
  expect(copy).toMatch(
    /^cp -r (?:prisma\/migrations\/\d+_evtgen_\w+ )+\.\.\/\.\.\/packages\/db\/prisma\/migrations$/,
  );
  expect(run).toBe('(cd ../../packages/db && pnpm exec prisma migrate deploy)');
});

describe('the root of a workspace', () => {
  test('is refused with the command for each package that has mutations', async () => {
    const root = folderOf(workspace);
    const { status, stdout, stderr } = await evtgen(['generate'], { cwd: root });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'error: this folder is the root of a monorepo, and registers no mutations itself\n' +
        `hint: these packages look like APIs:\n  evtgen generate packages/api  (1 mutation, express)\n`,
    );
    await expect(init(join(root, '..'), { dir: basename(root) })).rejects.toMatchObject({
      code: 'monorepo_root',
      hint: expect.stringContaining(`evtgen init ${basename(root)}/packages/api  (1 `),
    });
  });

  test('need not be a package itself, as in Nx', async () => {
    const root = folderWith({
      'nx.json': {},
      'apps/api/package.json': { dependencies: { express: '5', pg: '8' } },
      'apps/api/src/app.js': app(),
    });
    await expect(projectAt(root).generate()).rejects.toMatchObject({
      code: 'monorepo_root',
      hint: expect.stringContaining('evtgen generate apps/api  (1 mutation, express)'),
    });
    await expect(init(root, {})).rejects.toMatchObject({ code: 'monorepo_root' });
    const { status, stdout } = await evtgen(['scan', '--json'], { cwd: root });
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      { mutations: [{ path: '/orders', file: 'apps/api/src/app.js' }] },
    ]);
  });

  test('knows the applications of Nx that have no package.json, and leaves libraries to them', async () => {
    const root = folderWith({
      'nx.json': {},
      'package.json': { dependencies: { express: '5', pg: '8' } },
      'apps/api/project.json': { name: 'api', projectType: 'application' },
      'apps/api/src/app.js': `
        const orders = require('../../../libs/orders/src/index.js');
        require('express')().use('/api', orders).listen(3000);`,
      'libs/orders/project.json': { name: 'orders', projectType: 'library' },
      'libs/orders/src/index.js': `
        const router = (module.exports = require('express').Router());
        router.post('/orders', (request, response) => response.end());`,
    });
    await expect(projectAt(root).generate()).rejects.toMatchObject({
      code: 'monorepo_root',
      hint: expect.stringContaining('evtgen generate apps/api  (1 mutation, express)'),
    });
    const { stdout } = await evtgen(['scan', '--json'], { cwd: root });
    expect(JSON.parse(stdout)).toMatchObject({
      mutations: [{ path: '/api/orders', package: 'apps/api', file: 'libs/orders/src/index.js' }],
      unresolved: [],
    });
  });

  test('is refused where no package has any', async () => {
    const root = folderWith({ 'lerna.json': {}, 'package.json': {} });
    await expect(projectAt(root).generate()).rejects.toMatchObject({
      code: 'monorepo_root',
      hint: 'nor does any package in it; name the folder that it is about: evtgen generate <dir>',
    });
  });

  test.each([
    ['pnpm-lock.yaml', 'lockfileVersion: 9.0', 'pnpm add -w zod pg && pnpm add --save-dev -w '],
    ['yarn.lock', '# yarn lockfile v1', 'yarn add -W zod pg && yarn add --dev -W '],
    ['yarn.lock', '__metadata:', 'yarn add zod pg && yarn add --dev @'],
  ])('that has mutations itself is a package like others, with %s of %s', async (lock, text, install) => {
    const { 'pnpm-lock.yaml': _, 'pnpm-workspace.yaml': __, ...unlocked } = workspace;
    const project = projectAt(
      folderWith({
        ...unlocked,
        [lock]: `${text}\n`,
        'package.json': { ...workspace['package.json'], type: 'module', dependencies: { express: '5' } },
        '.oxfmtrc.json': '{}',
        'tsconfig.json': workspace['tsconfig.base.json'],
        'src/app.ts': app(': { id: string; total: number }'),
      }),
    );
    await expect(project.generate()).rejects.toMatchObject({ code: 'no_catalog' });
    project.scan();
    const { status, stdout } = await project.generate('isDry');
    expect(status).toBe(0);
    expect(stdout).toContain(`\n     ${install}`);
    expect(stdout).toContain('\n  3. Mount the routes, in src/app.ts, after line 3:\n');
  });
});
