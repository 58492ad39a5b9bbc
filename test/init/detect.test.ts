import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { detectFormatter } from '../../src/generate/format.ts';
import { outputFolder } from '../../src/generate/output-folder.ts';
import { readProject } from '../../src/generate/project.ts';
import { folderWith } from '../helpers/write-files.ts';
import { configOf, init, packageOn } from './project.ts';

const tsconfig = { compilerOptions: { module: 'nodenext', strict: true } };
const shop = {
  'package.json': {
    ...packageOn('fastify', 'express', 'drizzle-orm', 'pg', 'kafkajs'),
    packageManager: 'pnpm@9.1.0',
  },
  'tsconfig.json': tsconfig,
  '.prettierrc': '{}',
  'src/app.ts': `import { a } from './a.js';\nexport const app = a;\n`,
  'src/a.ts': 'export const a = 1;\n',
  'drizzle.config.ts': `export default { dialect: 'postgresql', out: './db/changes' };\n`,
  'db/changes/meta/_journal.json': '{"version":"7","dialect":"postgresql","entries":[]}',
  'db/changes/0000_orders.sql': 'select 1;\n',
};

describe('what init finds', () => {
  it('is said with what tells it', async () => {
    const { found } = (await init(folderWith(shop), { json: true })).json();
    expect(found).toEqual([
      { what: 'framework', value: 'fastify', from: 'fastify in package.json, before express' },
      { what: 'store', value: 'drizzle', from: 'drizzle-orm in package.json' },
      { what: 'database', value: 'PostgreSQL', from: 'drizzle.config.ts' },
      { what: 'broker', value: 'kafka', from: 'kafkajs in package.json' },
      { what: 'metrics', value: null, from: null },
      { what: 'modules', value: 'TypeScript, ES modules, imports ending in .js', from: 'tsconfig.json' },
      { what: 'formatter', value: 'prettier', from: '.prettierrc' },
      { what: 'package manager', value: 'pnpm', from: 'package.json' },
      { what: 'output', value: 'src/events', from: 'src' },
      { what: 'migrations', value: 'db/changes (drizzle)', from: '1 in db/changes' },
    ]);
  });

  it('is what generate goes by', async () => {
    const root = folderWith(shop);
    const found = new Map(
      (await init(root, { json: true })).json().found.map(({ what, value }) => [what, value]),
    );
    const config = loadConfig(root);
    const output = outputFolder(root, config);
    const facts = readProject(root, config, output, () => false);
    expect([...found.values()]).toEqual([
      facts.framework.id,
      facts.store.id,
      'PostgreSQL',
      facts.broker?.id,
      null,
      `TypeScript, ES modules, imports ending in ${facts.dialect.specifierEnding}`,
      detectFormatter(root)?.binding.id,
      facts.packageManager,
      output,
      `${facts.migrations.folder} (${facts.migrations.format})`,
    ]);
  });

  it('includes the ways of JavaScript', async () => {
    const root = folderWith({
      'package.json': { dependencies: { koa: '*', knex: '*', pg: '*' } },
      'lib/app.js': `const Koa = require('koa');\nconst { orders } = require('./orders');\nmodule.exports = new Koa();\n`,
      'lib/orders.js': 'exports.orders = [];\n',
    });
    const { found } = (await init(root, { json: true })).json();
    expect(found.find(({ what }) => what === 'modules')).toEqual({
      what: 'modules',
      value: 'JavaScript, CommonJS, imports without an ending',
      from: 'the sources',
    });
  });

  it('is read as a table, with the next command last', async () => {
    const { stdout, stderr } = await init(folderWith(shop));
    expect(stdout).toMatch(/^framework {8}fastify {2,}fastify in package\.json, before express\n/);
    expect(stdout).toMatch(
      /\nevtgen\.config\.json written:\n {2}\{\n {4}"broker": "kafka"\n {2}\}\nnext: evtgen scan$/,
    );
    expect(stderr).toMatch(/install evtgen as a development dependency/);
  });

  it.each([
    [
      'Prisma',
      { 'prisma/schema.prisma': 'datasource db {\n  provider = "mysql"\n}\n' },
      packageOn('express', '@prisma/client'),
      'MySQL',
    ],
    ['drivers', {}, packageOn('express', 'mongoose'), 'MongoDB'],
  ])('includes, by %s, a database that the event log cannot be in', async (_by, files, manifest, name) => {
    const { stderr } = await init(folderWith({ 'package.json': manifest, ...files }), { isDry: true });
    expect(stderr).toContain(`warning: ${name} found (`);
  });

  it('needs no file where generate finds all of it again', async () => {
    const root = folderWith({ 'package.json': packageOn('express', 'pg'), 'tsconfig.json': tsconfig });
    expect((await init(root)).stdout).toContain('evtgen.config.json is not needed');
    expect(existsSync(join(root, 'evtgen.config.json'))).toBe(false);
  });

  it('includes the database client of a package of the monorepo that the API depends on', async () => {
    const root = folderWith({
      'package.json': { private: true, workspaces: ['apps/*', 'packages/*'] },
      // The driver is what the emitted code asks for, once it is there.
      'apps/api/package.json': { ...packageOn('express', '@shop/data', 'pg'), name: '@shop/api' },
      'apps/api/tsconfig.json': tsconfig,
      'packages/data/package.json': { ...packageOn('@shop/db'), name: '@shop/data' },
      'packages/db/package.json': { ...packageOn('@prisma/client'), name: '@shop/db' },
      'packages/db/prisma/schema.prisma': 'datasource db {\n  provider = "mysql"\n}\n',
      'packages/other/package.json': { ...packageOn('knex', 'pg'), name: '@shop/other' },
    });
    const { found, warnings } = (await init(root, { dir: 'apps/api', json: true })).json();
    expect(found.slice(1, 3)).toEqual([
      { what: 'store', value: 'prisma', from: '@prisma/client in package.json of @shop/db' },
      { what: 'database', value: 'MySQL', from: 'prisma/schema.prisma of @shop/db' },
    ]);
    expect(warnings).toEqual([expect.stringContaining('MySQL found (prisma/schema.prisma of @shop/db)')]);
    const config = loadConfig(join(root, 'apps/api'));
    const facts = readProject(join(root, 'apps/api'), config, 'src/events', () => false);
    expect([facts.store.id, facts.databaseServer?.name]).toEqual(['prisma', 'MySQL']);
  });

  it('names a folder with a space as a shell takes it', async () => {
    const root = folderWith({ 'my shop/package.json': packageOn('express', 'pg') });
    expect((await init(root, { dir: 'my shop' })).stdout).toMatch(/\nnext: evtgen scan "my shop"$/);
  });

  it('names what generate will refuse, and does not fail for it', async () => {
    const root = folderWith({ 'package.json': packageOn('express', 'pg', 'kafkajs'), 'src/a.ts': '' });
    const { stdout, stderr } = await init(root);
    expect(stderr).toContain('warning: no tsconfig.json in this folder');
    expect(stdout).toMatch(/^modules +unknown$/m);
    expect(configOf(root)).toEqual({ broker: 'kafka' });
  });
});

describe('$schema', () => {
  const installed = { 'node_modules/evtgen/config.schema.json': {} };

  it('points to evtgen as it is installed', async () => {
    const root = folderWith({ 'package.json': packageOn('express', 'pg'), ...installed });
    await init(root);
    expect(configOf(root)).toEqual({ $schema: './node_modules/evtgen/config.schema.json' });
  });

  it('points upwards in a package of a monorepo, and not out of the repository', async () => {
    const root = folderWith({ 'apps/api/package.json': packageOn('express', 'pg'), ...installed });
    await init(root, { dir: 'apps/api' });
    expect(configOf(join(root, 'apps/api'))).toEqual({
      $schema: '../../node_modules/evtgen/config.schema.json',
    });
    const other = folderWith({
      'api/package.json': packageOn('express', 'pg'),
      'api/.git/HEAD': '',
      ...installed,
    });
    await init(other, { dir: 'api' });
    expect(existsSync(join(other, 'api/evtgen.config.json'))).toBe(false);
  });
});
