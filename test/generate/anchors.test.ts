import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { detectDialect } from '../../src/generate/dialect.ts';
import { findDatabase, findMountPlace } from '../../src/generate/find-anchors.ts';
import { nameMigrations } from '../../src/generate/migration-formats/names.ts';
import { findMigrations } from '../../src/generate/migrations.ts';
import { openProject } from '../../src/scan/project.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-anchors-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function given(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

test.each([
  ['export const pool = new Pool();', { name: 'pool', isDefault: false }],
  [
    'const db: pg.Pool = new pg.Pool({});\nexport { db as database };',
    { name: 'database', isDefault: false },
  ],
  ['const pool = new Pool();\nexport default pool;', { name: 'pool', isDefault: true }],
  [
    "import { request } from 'undici'\nimport { Pool } from 'pg'\nexport const pool = new Pool()",
    { name: 'pool', isDefault: false },
  ],
  [
    "const { Pool } = require('pg');\nconst agent = require('undici');\nexport const pool = new Pool();",
    { name: 'pool', isDefault: false },
  ],
  ["import { Pool } from './pg.js';\nexport const pool = new Pool();", { name: 'pool', isDefault: false }],
])('the pool is found in %s', (text, expected) => {
  given({ 'src/db.ts': text });
  expect(findDatabase(openProject(root))).toEqual({ driver: 'pg', file: 'src/db.ts', ...expected });
});

test('the client of postgres.js is found by what it is imported from', () => {
  given({
    'src/db.ts': "import connect from 'postgres';\nexport const sql = connect(process.env.DATABASE_URL);",
  });
  const expected = { driver: 'postgres', file: 'src/db.ts', name: 'sql', isDefault: false };
  expect(findDatabase(openProject(root))).toEqual(expected);
});

test.each([
  ['none is exported', { 'src/db.ts': 'const pool = new Pool();' }],
  ['two are', { 'src/a.ts': 'export const a = new Pool();', 'src/b.ts': 'export const b = new Pool();' }],
  [
    'it is that of undici',
    { 'src/a.ts': "import { Pool } from 'undici';\nexport const a = new Pool('http://b');" },
  ],
  ['it is required', { 'src/a.ts': "const tarn = require('tarn');\nexport const a = new tarn.Pool({});" }],
  ['it is another Pool', { 'src/a.ts': 'export const a = new Threads.PoolOfThreads();' }],
])('no pool is guessed when %s', (_, files) => {
  given(files);
  expect(findDatabase(openProject(root))).toBeUndefined();
});

test('the mount place is behind the last router and before the 404 handler', () => {
  given({
    'src/app.ts': `import express from 'express';
export function createApp() {
  const app = express();
  app.use(express.json());
  app.use('/api', api);
  app.use((req, res) => { res.status(404).end(); });
  return app;
}
`,
  });
  expect(findMountPlace(openProject(root), { maker: /^express$/, method: 'use' })).toEqual({
    file: 'src/app.ts',
    line: 5,
    app: 'app',
    method: 'use',
  });
});

test.each([
  [['0001_shop.sql'], ['0002_evtgen_log.sql', '0003_evtgen_hooks.sql']],
  [
    ['9-a.sql', '10-b.sql'],
    ['11-evtgen-log.sql', '12-evtgen-hooks.sql'],
  ],
  [['V7__base.sql'], ['V8__evtgen_log.sql', 'V9__evtgen_hooks.sql']],
  [['001_add-users.up.sql'], ['002_evtgen-log.up.sql', '003_evtgen-hooks.up.sql']],
  [['20250102030405_init.sql'], ['20260102030405_evtgen_log.sql', '20260102030406_evtgen_hooks.sql']],
  [['1735689600000_init.sql'], ['1767323045000_evtgen_log.sql', '1767323045001_evtgen_hooks.sql']],
  [['20990102030405_late.sql'], ['20990102030406_evtgen_log.sql', '20990102030407_evtgen_hooks.sql']],
  [[], ['0001_evtgen_log.sql', '0002_evtgen_hooks.sql']],
])('migrations after %j are named %j', (names, expected) => {
  const now = new Date('2026-01-02T03:04:05Z');
  expect(nameMigrations(names, ['evtgen-log', 'evtgen-hooks'], now)).toEqual(expected);
});

test('the migrations folder is the one that has some, with its tool’s marker', () => {
  given({
    'migrations/README.md': '',
    'db/migrations/20250101000000_a.sql': '-- migrate:up\ncreate table a();\n',
  });
  expect(findMigrations(root, undefined, 'sql')).toEqual({
    format: 'sql',
    folder: 'db/migrations',
    names: ['20250101000000_a.sql'],
    newest: '-- migrate:up\ncreate table a();\n',
  });
  expect(findMigrations(root, 'sql', 'sql').folder).toBe('sql');
});

test('a tool is believed where it has written migrations, and its configuration about where', () => {
  given({ 'migrations/0001_a.sql': 'create table a();' });
  const found = (): object => {
    const { format, folder, names } = findMigrations(root, undefined, 'drizzle');
    return { format, folder, names };
  };
  expect(found()).toEqual({ format: 'sql', folder: 'migrations', names: ['0001_a.sql'] });
  given({ 'prisma/migrations/20250101000000_a/migration.sql': 'create table a();' });
  expect(found()).toEqual({ format: 'prisma', folder: 'prisma/migrations', names: ['20250101000000_a'] });
  given({
    'drizzle.config.ts': `export default defineConfig({ dialect: 'postgresql', out: './src/db/changes' });`,
    'src/db/changes/0000_a.sql': 'create table a();',
    'src/db/changes/meta/_journal.json': '{}',
  });
  expect(found()).toEqual({ format: 'drizzle', folder: 'src/db/changes', names: ['0000_a.sql'] });
});

test('without migrations they are of the tool that goes with the ORM, in its usual folder', () => {
  const { format, folder } = findMigrations(root, undefined, 'typeorm');
  expect({ format, folder }).toEqual({ format: 'typeorm', folder: 'src/migrations' });
});

const dialect = (options: object, type?: string) => {
  given({ 'tsconfig.json': JSON.stringify({ compilerOptions: options }) });
  return detectDialect(openProject(root), type, 'src/events');
};

test.each([
  [{ module: 'nodenext' }, 'module', { specifierEnding: '.js', moduleFormat: 'esm' }],
  [{ module: 'nodenext' }, undefined, { specifierEnding: '', moduleFormat: 'cjs' }],
  [{ module: 'commonjs' }, 'module', { specifierEnding: '', moduleFormat: 'cjs' }],
  [{ module: 'esnext', moduleResolution: 'bundler' }, 'module', { specifierEnding: '', moduleFormat: 'esm' }],
  [
    { module: 'nodenext', allowImportingTsExtensions: true },
    'module',
    { specifierEnding: '.ts', moduleFormat: 'esm' },
  ],
])('%j with type %s gives %j', (options, type, expected) => {
  expect(dialect(options, type)).toMatchObject(expected);
});

test.each([
  ['5.9.3', {}, { moduleFormat: 'cjs', isStrict: false, missingLibs: ['es2022'] }],
  ['5.9.3', { target: 'es2022' }, { moduleFormat: 'esm', isStrict: false, missingLibs: [] }],
  ['6.0.3', {}, { moduleFormat: 'esm', isStrict: true, missingLibs: [] }],
  ['7.0.2', { strict: false }, { moduleFormat: 'esm', isStrict: false }],
  ['7.0.2', { target: 'es5', strictNullChecks: true }, { moduleFormat: 'cjs', isStrict: true }],
])('TypeScript %s takes for what %j leaves out: %j', (version, options, expected) => {
  given({ 'node_modules/typescript/package.json': JSON.stringify({ version }) });
  expect(dialect(options, 'module')).toMatchObject(expected);
});

test('of a TypeScript that is not installed, the range of the nearest package.json says how old it is', () => {
  given({ '.git/HEAD': '', 'package.json': '{"devDependencies":{"typescript":"^5.4.0"}}' });
  expect(dialect({}).moduleFormat).toBe('cjs');
  given({ 'package.json': '{"dependencies":{"typescript":"^7.0.0"}}' });
  expect(dialect({}).moduleFormat).toBe('esm');
  given({ 'package.json': '{}' });
  expect(dialect({}).moduleFormat).toBe('esm');
});

test('the project’s own imports outvote its settings', () => {
  given({ 'src/a.ts': "import './b';\nimport './c';\nimport './d.js';\nimport x from './x.json';\n" });
  expect(dialect({ module: 'nodenext' }, 'module').specifierEnding).toBe('');
});

test('CommonJS with verbatimModuleSyntax is refused with the reason', () => {
  expect(() => dialect({ module: 'nodenext', verbatimModuleSyntax: true })).toThrow(/TS1287/);
  expect(dialect({ module: 'nodenext', verbatimModuleSyntax: true }, 'module').moduleFormat).toBe('esm');
});

test('a solution-style tsconfig is followed to its first project', () => {
  given({
    'src/a.ts': '',
    'tsconfig.app.json': JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: { module: 'commonjs' },
    }),
  });
  const settings = {
    compilerOptions: { module: 'esnext' },
    files: [],
    references: [{ path: './tsconfig.app.json' }],
  };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(settings));
  expect(detectDialect(openProject(root), 'module', 'src/events').moduleFormat).toBe('cjs');
});

test('of the projects that tsconfig.json refers to, the one that includes the output counts', () => {
  const project = (module: string, include: readonly string[], exclude?: readonly string[]): string =>
    JSON.stringify({ compilerOptions: { module }, include, exclude });
  given({
    'src/a.ts': '',
    'tsconfig.json': JSON.stringify({
      files: [],
      include: [],
      references: ['spec', 'app', 'group'].map((name) => ({ path: `./tsconfig.${name}.json` })),
    }),
    'tsconfig.spec.json': project('commonjs', ['src/**/*.spec.ts', 'src/**/*.d.ts']),
    'tsconfig.app.json': project('esnext', ['src'], ['src/generated']),
    'tsconfig.group.json': JSON.stringify({ files: [], references: [{ path: './lib' }] }),
    'lib/tsconfig.json': project('commonjs', ['../src/generated/**/*', 'events']),
  });
  const formatIn = (output: string): string =>
    detectDialect(openProject(root), undefined, output).moduleFormat;
  expect(formatIn('src/events')).toBe('esm');
  expect(formatIn('src/generated/events')).toBe('cjs');
  expect(formatIn('lib/events')).toBe('cjs');
});

test('the nearest tsconfig.json upwards counts, up to the top of the repository', () => {
  given({
    '.git/HEAD': '',
    'tsconfig.json': JSON.stringify({ compilerOptions: { module: 'commonjs' } }),
    'apps/api/src/a.ts': '',
    'apps/web/.git': 'gitdir: elsewhere',
    'apps/web/src/a.ts': '',
  });
  const api = openProject(join(root, 'apps/api'));
  expect(detectDialect(api, 'module', 'src/events').moduleFormat).toBe('cjs');
  expect(() => detectDialect(openProject(join(root, 'apps/web')), 'module', 'src/events')).toThrow(
    /^no tsconfig\.json in this folder or above it/,
  );
});

test.each([
  [{ target: 'es2022' }, []],
  [{ target: 'es2017' }, ['es2022']],
  [{ lib: ['es2020', 'dom'] }, ['es2022', 'dom.iterable']],
  [{ lib: ['es2023', 'dom', 'dom.iterable'] }, []],
  [{ lib: ['esnext'], target: 'es5' }, []],
])('the settings %j leave out the libraries %j', (options, missing) => {
  expect(dialect(options).missingLibs).toEqual(missing);
});

test.each([
  ['exports.pool = pool;', { name: 'pool', isDefault: false }],
  ['module.exports = { query, database: pool };', { name: 'database', isDefault: false }],
  ['module.exports = pool;', { name: 'pool', isDefault: true }],
])('the pool of a CommonJS module is found by %s', (exporting, expected) => {
  given({ 'db.js': `const { Pool } = require('pg');\nconst pool = new Pool();\n${exporting}\n` });
  expect(findDatabase(openProject(root))).toEqual({ driver: 'pg', file: 'db.js', ...expected });
});

test.each([
  ['.js', 'esm', '.js', 'module', { 'a.js': "import './b.js';" }],
  ['.js', 'cjs', '', undefined, { 'a.js': "const b = require('./b');" }],
  ['.js', 'cjs', '.js', 'commonjs', { 'a.js': "const b = require('./b.js');" }],
  ['.js', 'esm', '', undefined, { 'a.js': "import b from './b';" }],
  ['.mjs', 'esm', '.mjs', undefined, { 'a.mjs': "import b from './b.mjs';", 'eslint.config.js': '' }],
  ['.cjs', 'cjs', '.cjs', 'module', { 'a.cjs': "const b = require('./b.cjs');" }],
  [
    '.js',
    'cjs',
    '',
    undefined,
    { 'a.js': 'module.exports = 1;', 'tsconfig.json': '{"compilerOptions":{"checkJs":true}}' },
  ],
  ['.js', 'cjs', '', undefined, { 'a.js': 'module.exports = 1;', 'types.d.ts': '', 'vitest.config.ts': '' }],
] as const)(
  'JavaScript in %s files is %s with imports that end in "%s"',
  (fileEnding, moduleFormat, specifierEnding, type, files) => {
    given(files);
    expect(detectDialect(openProject(root), type, 'src/events')).toMatchObject({
      fileEnding,
      moduleFormat,
      specifierEnding,
    });
  },
);
