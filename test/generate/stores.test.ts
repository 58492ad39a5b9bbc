import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseStore } from '../../src/stores/index.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { isMissing } from '../helpers/services.ts';
import { inTurn } from '../helpers/turns.ts';
import { ormFolder, ormPackages } from '../stores/orms/installed.ts';
import { linkModules, write, writeProject } from '../stores/orms/project.ts';
import type { TestProject } from './project.ts';

interface Stack {
  readonly packages: readonly string[];
  /** The file by which `emit` takes its transactions. */
  readonly binding: string;
  readonly migrations: string;
  /** A module of the project that emits in its own transaction. */
  readonly emits: string;
  readonly driver?: 'postgres';
}

const emit = (handle: string): string => `events.emit(${handle}, 'order.shipped', { data: shipped })`;

const STACKS: Readonly<Record<string, Stack>> = {
  prisma: {
    packages: ['@prisma/client', 'prisma'],
    binding: 'prisma',
    migrations: 'prisma/migrations',
    emits: `import type { PrismaClient } from '../../generated/client.ts';
export const ship = (prisma: PrismaClient) => prisma.$transaction((tx) => ${emit('tx')});`,
  },
  drizzle: {
    packages: ['drizzle-orm', 'pg'],
    binding: 'drizzle',
    migrations: 'drizzle',
    emits: `import { drizzle } from 'drizzle-orm/node-postgres';
export const ship = () => drizzle('postgres://').transaction((tx) => ${emit('tx')});`,
  },
  'drizzle on postgres.js': {
    packages: ['drizzle-orm', 'postgres'],
    binding: 'drizzle',
    migrations: 'drizzle',
    emits: `import { drizzle } from 'drizzle-orm/postgres-js';
export const ship = () => drizzle('postgres://').transaction((tx) => ${emit('tx')});`,
    driver: 'postgres',
  },
  typeorm: {
    packages: ['typeorm', 'pg'],
    binding: 'typeorm',
    migrations: 'src/migrations',
    emits: `import type { DataSource } from 'typeorm';
export const ship = (dataSource: DataSource) => dataSource.transaction((manager) => ${emit('manager')});`,
  },
  'mikro-orm': {
    packages: ['@mikro-orm/core', '@mikro-orm/postgresql', '@mikro-orm/migrations'],
    binding: 'mikro-orm',
    migrations: 'src/migrations',
    emits: `import type { MikroORM } from '@mikro-orm/postgresql';
export const ship = (orm: MikroORM) => orm.em.transactional((em) => ${emit('em')});`,
  },
  sequelize: {
    packages: ['sequelize', 'pg'],
    binding: 'sequelize',
    migrations: 'migrations',
    emits: `import type { Sequelize } from 'sequelize';
export const ship = (sequelize: Sequelize) => sequelize.transaction((transaction) => ${emit('transaction')});`,
  },
  kysely: {
    packages: ['kysely', 'pg'],
    binding: 'kysely',
    migrations: 'migrations',
    emits: `import type { Kysely } from 'kysely';
export const ship = (db: Kysely<object>) => db.transaction().execute((trx) => ${emit('trx')});`,
  },
  knex: {
    packages: ['knex', 'pg'],
    binding: 'knex',
    migrations: 'migrations',
    emits: `import type { Knex } from 'knex';
export const ship = (knex: Knex) => knex.transaction((trx) => ${emit('trx')});`,
  },
  'postgres-js': {
    packages: ['postgres'],
    binding: 'postgres-js',
    migrations: 'migrations',
    emits: `import type { Sql } from 'postgres';
export const ship = (sql: Sql) => sql.begin((tx) => ${emit('tx')});`,
    driver: 'postgres',
  },
};

test.each([
  [['@prisma/client', 'kysely', 'pg'], 'prisma'],
  [['drizzle-orm', 'postgres'], 'drizzle'],
  [['objection', 'knex', 'pg'], 'knex'],
  [['kysely', 'pg'], 'kysely'],
  [['pg', 'postgres'], 'pg'],
  [['postgres'], 'postgres-js'],
  [[], 'pg'],
])('with %j the store is %s', (dependencies, id) => {
  expect(chooseStore(undefined, new Set(dependencies)).id).toBe(id);
  expect(chooseStore('sequelize', new Set(dependencies)).id).toBe('sequelize');
});

const configs = ['strictest', ...inTurn('other tsconfigs of the stores', ['loose', 'cjs'], 1)];

describe.skipIf(isMissing(ormPackages)).each(configs)('under the tsconfig %s', (config) => {
  let root: string;
  const projects = new Map<string, TestProject>();
  const generated = new Map<string, string[]>();

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'evtgen-stores-'));
    const fixture = join(repositoryRoot, 'fixtures/tsconfigs', config);
    cpSync(join(fixture, 'tsconfig.json'), join(root, 'tsconfig.json'));
    linkModules(root);
    cpSync(join(ormFolder, 'generated'), join(root, 'generated'), { recursive: true });
    for (const [name, stack] of Object.entries(STACKS)) {
      const project = writeProject(join(root, name.replaceAll(' ', '-')), stack.packages, config);
      const { stdout } = await project.generate('json');
      const { changes } = JSON.parse(stdout) as { changes: { path: string }[] };
      const ending = config === 'cjs' ? '' : '.js';
      write(project, 'src/ship.ts', shipModule(stack, ending));
      projects.set(name, project);
      generated.set(name, [...changes.map(({ path }) => path), 'src/ship.ts']);
    }
  }, 240_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each(Object.entries(STACKS))(
    'a project on %s gets its binding, its driver and its migrations',
    (name, stack) => {
      const paths = generated.get(name) ?? [];
      expect(paths).toContain(`src/events/stores/${stack.binding}.ts`);
      expect(paths).toContain(`src/events/stores/${stack.driver === 'postgres' ? 'postgres-js' : 'pg'}.ts`);
      expect(paths.filter((path) => path.startsWith(`${stack.migrations}/`)).length).toBeGreaterThanOrEqual(
        5,
      );
    },
  );

  test('the compiler finds nothing, in modules of theirs that emit with their own handles either', async () => {
    const files = [...generated].flatMap(([name, paths]) =>
      paths.filter((path) => path.endsWith('.ts')).map((path) => `${name.replaceAll(' ', '-')}/${path}`),
    );
    const output = await compile(root, files);
    expect(output.filter((line) => !line.startsWith('generated/'))).toEqual([]);
  }, 240_000);

  test('generating again changes nothing', async () => {
    for (const project of projects.values()) expect((await project.generate('check')).status).toBe(0);
  }, 240_000);

  test.runIf(config === 'strictest')('a handle that is in no transaction is an error', async () => {
    const project = projects.get('knex');
    if (project === undefined) throw new Error('no such project');
    const right = project.read('src/ship.ts');
    write(project, 'src/ship.ts', right.replace('emit(trx,', 'emit(knex,'));
    expect(right).toContain('emit(trx,');
    const output = await compile(root, ['knex/src/ship.ts']);
    expect(output.join('\n')).toContain('error TS2345');
  });

  test.runIf(config === 'strictest').each(inTurn('stores whose tests run', ['drizzle', 'knex'], 1))(
    'the tests of a project on %s pass as they are',
    async (name) => {
      const vitest = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
      const project = projects.get(name);
      const output = await run(
        [vitest, 'run', '--testTimeout', '60000', 'tests/events'],
        project?.root ?? '',
      );
      expect(output).toMatch(/Tests .*passed/);
      expect(output).not.toMatch(/failed/);
    },
    240_000,
  );
});

function shipModule({ emits }: Stack, ending: string): string {
  return `import { events } from './events/setup${ending}';
import type { OrderShippedV1 } from './events/schemas/order.shipped.v1${ending}';
declare const shipped: OrderShippedV1;
${emits.replace('.ts', ending)}
`;
}

async function compile(root: string, files: readonly string[]): Promise<string[]> {
  const settings = {
    extends: './tsconfig.json',
    compilerOptions: { noEmit: true, declaration: false, rootDir: '.', skipLibCheck: true },
    include: [],
    files,
  };
  writeFileSync(join(root, 'judge.json'), JSON.stringify(settings));
  const compiler = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
  const output = await run([compiler, '-p', 'judge.json', '--pretty', 'false'], root);
  return output.split('\n').filter((line) => line !== '');
}

function run(args: readonly string[], cwd: string): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}
