import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shopWithCatalog, type TestProject } from './project.ts';

let project: TestProject;
beforeEach(() => {
  project = shopWithCatalog();
});
afterEach(() => project.remove());

test('a project on Jest gets the typings of its own Jest, and a command that finds the tests and runs PGlite', async () => {
  editPackage({ jest: '^29.4.1' });
  const { stdout } = await project.generate();
  expect(stdout).toContain('@jest/globals@29\n');
  expect(stdout).toContain(
    'node --experimental-vm-modules node_modules/jest/bin/jest.js --testMatch "**/tests/events/*.test.ts"\n',
  );
  expect(project.read('tests/events/stream.test.ts')).toContain("from '@jest/globals'");
});

test.each([
  ['@prisma/client', 'await prisma.$transaction(async (tx) => {', 'await events.emit(tx, '],
  ['drizzle-orm', 'await db.transaction(async (tx) => {', 'await events.emit(tx, '],
  ['typeorm', 'await dataSource.transaction(async (manager) => {', 'await events.emit(manager, '],
  ['objection', 'await knex.transaction(async (trx) => {', 'await events.emit(trx, '],
])('a project on %s is shown its own transaction', async (name, open, emit) => {
  editPackage({ [name]: '*', vitest: '^4.0.0' });
  const { stdout } = await project.generate('isDry');
  expect(stdout).toContain(open);
  expect(stdout).toContain(emit);
});

test('a project on MikroORM is told how to keep the event log from being dropped', async () => {
  editPackage({ '@mikro-orm/core': '*', '@mikro-orm/postgresql': '*', vitest: '^4.0.0' });
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ migrations: 'src/changes' }));
  const { stdout } = await project.generate('isDry');
  expect(stdout).toContain("schemaGenerator: { ignoreSchema: ['evtgen'] }");
});

test.each([
  ['pnpm', 'pnpm exec knex migrate:latest', 'pnpm exec vitest run tests/events'],
  ['yarn', 'yarn knex migrate:latest', 'yarn vitest run tests/events'],
  ['bun', 'bunx knex migrate:latest', 'bunx vitest run tests/events'],
  ['npm', 'npx knex migrate:latest', 'npx vitest run tests/events'],
])('a project on %s runs programs in its way', async (manager, migrate, runTests) => {
  editPackage({ knex: '^3.0.0', vitest: '^4.0.0' }, { packageManager: `${manager}@1.0.0`, scripts: {} });
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ migrations: 'src/changes' }));
  const { stdout } = await project.generate('isDry');
  expect(stdout).toContain(`${migrate}\n`);
  expect(stdout).toContain(`${runTests}\n`);
});

test("a project migrates by its own script, which knows the tool's configuration", async () => {
  const scripts = { 'database:migrate': 'drizzle-kit migrate --config=infra/drizzle.config.js' };
  editPackage({ 'drizzle-orm': '*', vitest: '^4.0.0' }, { scripts });
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ migrations: 'src/changes' }));
  expect((await project.generate('isDry')).stdout).toContain('npm run database:migrate\n');
});

test('a tool for migrations that the project does not have is fetched by the name of its package', async () => {
  editPackage({ kysely: '^0.28.0', vitest: '^4.0.0' }, { scripts: {} });
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ migrations: 'src/changes' }));
  expect((await project.generate('isDry')).stdout).toContain(
    'npx --package kysely-ctl kysely migrate:latest\n',
  );
});

test.each([
  [
    { 'package.json': { rootDir: 'src', testRegex: '.*\\.spec\\.ts$' } },
    '--roots ../tests/events --testRegex "events/.*\\.test\\.ts$"',
  ],
  [
    { 'jest.config.js': "module.exports = { roots: ['<rootDir>/src'] }; // testRegex: 'x'\n" },
    '--roots tests/events --testMatch "**/tests/events/*.test.ts"',
  ],
  [
    { 'jest.config.json': '{ "testRegex": ["x"], "rootDir": "./test/unit" }' },
    '--roots ../../tests/events --testRegex "events/.*\\.test\\.ts$"',
  ],
])('Jest finds the tests in spite of %j', async (files, options) => {
  const { 'package.json': own, ...others } = files as Record<string, unknown>;
  editPackage({ jest: '^30.0.0' }, own === undefined ? {} : { jest: own });
  for (const [name, text] of Object.entries(others)) writeFileSync(project.path(name), String(text));
  expect((await project.generate('isDry')).stdout).toContain(`node_modules/jest/bin/jest.js ${options}\n`);
});

test("Jest is called by its name where Plug'n'Play keeps its file away", async () => {
  editPackage({ jest: '^30.0.0' }, { packageManager: 'yarn@4.5.0' });
  writeFileSync(project.path('.pnp.cjs'), '');
  const { stdout } = await project.generate('isDry');
  expect(stdout).toContain('NODE_OPTIONS=--experimental-vm-modules yarn jest --testMatch "**/tests/events/');
});

test.each([
  ['^5.60.0', 'npm install zod\n'],
  ['^6.7.0', 'npm install zod ioredis\n'],
  [undefined, 'npm install zod bullmq ioredis\n'],
])('with BullMQ %s, what it does not bring is installed beside it: %s', async (range, command) => {
  editPackage({
    vitest: '4',
    '@electric-sql/pglite': '*',
    ...(range === undefined ? {} : { bullmq: range }),
  });
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ broker: 'bullmq' }));
  expect((await project.generate('isDry')).stdout).toContain(command);
});

test('a comment about the routes does not mount them', async () => {
  const mount = 'Mount the routes';
  writeFileSync(
    project.path('src/notes.ts'),
    "// eventRoutes are not mounted yet\nexport const a = 'eventRoutes';\n",
  );
  expect((await project.generate('isDry')).stdout).toContain(mount);
  writeFileSync(project.path('src/notes.ts'), 'export const mounted = [eventRoutes];\n');
  expect((await project.generate('isDry')).stdout).not.toContain(mount);
});

test('a folder of migrations with a space is named as a shell takes it', async () => {
  const { scripts: _scripts, ...manifest } = JSON.parse(project.read('package.json')) as { scripts: object };
  writeFileSync(project.path('package.json'), JSON.stringify(manifest));
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ migrations: 'db/our changes' }));
  const { stdout } = await project.generate('isDry');
  expect(stdout).toContain('psql "$DATABASE_URL" -f "db/our changes/');
});

test('the snippet has a subject only where the catalog has one', async () => {
  const { stdout } = await project.generate('isDry');
  expect(stdout).toContain("'address.created', { subject: address.id, data: address }");
  writeFileSync(
    project.path('events/catalog.json'),
    project.read('events/catalog.json').replaceAll(/,\s*"subject": "id"/g, ''),
  );
  const bare = await project.generate('isDry');
  expect(bare.stdout).toContain("'address.created', { data: address }");
});

test('who has no DATABASE_URL is told that the code connects by it', async () => {
  const hint = 'DATABASE_URL, which nothing here names';
  const pool = project.read('src/db/pool.ts');
  expect((await project.generate('isDry')).stdout).not.toContain(hint);
  writeFileSync(
    project.path('src/db/pool.ts'),
    pool.replaceAll('new pg.Pool', 'makePool').replaceAll('_URL', '_AT'),
  );
  rmSync(project.path('README.md'));
  expect((await project.generate('isDry')).stdout).toContain(hint);
  writeFileSync(project.path('.env.example'), 'DATABASE_URL=\n');
  expect((await project.generate('isDry')).stdout).not.toContain(hint);
});

test('who removes an event type is told how its calls go, and who adds a version what it takes', async () => {
  await project.generate();
  const path = project.path('events/catalog.json');
  const catalog = JSON.parse(project.read('events/catalog.json')) as {
    eventTypes: Record<string, { version: number }>;
    mutations: Record<string, { event?: string; ignore?: string }>;
  };
  const { 'order.shipped': _gone, 'order.created': evolved, ...rest } = catalog.eventTypes;
  const mutations = Object.entries(catalog.mutations).map(([key, entry]) =>
    entry.event === 'order.shipped' ? [key, { ignore: 'not wanted' }] : [key, entry],
  );
  const eventTypes = { ...rest, 'order.created': { ...evolved, version: 2 } };
  writeFileSync(path, JSON.stringify({ ...catalog, eventTypes, mutations: Object.fromEntries(mutations) }));
  writeFileSync(
    project.path('events/schemas/order.created.v2.json'),
    project.read('events/schemas/order.created.v1.json'),
  );
  const { stdout } = await project.generate();
  expect(stdout).toContain(
    'Take away what still emits order.shipped:\n     evtgen generate --wire --unwire\n',
  );
  expect(stdout).toContain(
    "Say in src/events/casters.ts how subscribers of older versions get the new ones:\n     'order.created': { v2ToV1: (data) => … }",
  );
  expect((await project.generate()).stdout).not.toContain('casters.ts');
});

/** Puts other tools into the project, in place of the test runner that it has. */
function editPackage(added: Record<string, string>, settings: object = {}): void {
  const manifest = JSON.parse(readFileSync(project.path('package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const { vitest: _vitest, ...rest } = manifest.devDependencies;
  writeFileSync(
    project.path('package.json'),
    JSON.stringify({ ...manifest, ...settings, devDependencies: { ...rest, ...added } }),
  );
}
