import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findRootModule } from '../../src/codemod/nest-module.ts';
import { applySplices } from '../../src/codemod/insert.ts';
import { ormsOf } from '../../src/codemod/orms/index.ts';
import { openProgram } from '../../src/codemod/program.ts';
import { planWiring, type WiringInput, type WiringPlan } from '../../src/codemod/wire.ts';
import { openProject, type Project } from '../../src/scan/project.ts';

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

function projectOf(files: Readonly<Record<string, string>>): Project {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-unwire-'));
  roots.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return openProject(root);
}

function plan(project: Project, isUnwiring: boolean, isInjected = false): WiringPlan {
  return planWiring(inputOf(project, isUnwiring, isInjected, 'prisma', 'src/events'));
}

function inputOf(
  project: Project,
  isUnwiring: boolean,
  isInjected: boolean,
  store: string,
  output: string,
): WiringInput {
  return {
    project,
    mutations: [],
    catalog: {
      catalogVersion: 1,
      eventTypes: { 'order.kept': { version: 1, audience: 'public' } },
      mutations: {},
    },
    schemaOf: () => null,
    output,
    specifierEnding: '.js',
    store,
    isAll: false,
    isInjected,
    isUnwiring,
    beside: [],
  };
}

const GONE = `\
import { prisma } from './prisma.js';
import { events } from './events/setup.js';

export async function place(data: object) {
  return prisma.$transaction(async (tx) => {
    const order = await tx.order.create({ data });
    if (order) {
      await events.emit(tx, 'order.gone', { subject: order.id, data: order });
    }
    return order;
  });
}
`;

it('shows a call whose event has left the catalog, and touches nothing', () => {
  const { orphans, changes } = plan(projectOf({ 'src/orders.ts': GONE }), false);

  expect(orphans.map(({ eventType, file, line }) => `${eventType} ${file}:${line}`)).toEqual([
    'order.gone src/orders.ts:8',
  ]);
  expect(changes).toEqual([]);
});

it('takes it away if asked to, with its condition and the import that nothing uses', () => {
  const { changes } = plan(projectOf({ 'src/orders.ts': GONE }), true);

  expect(changes.map(({ after }) => after)).toEqual([
    `\
import { prisma } from './prisma.js';

export async function place(data: object) {
  return prisma.order.create({ data });
}
`,
  ]);
});

it('leaves a transaction that is for more than the one write, or that a comment explains', () => {
  const audited = GONE.replace('    return order;', '    await tx.audit.create({ data });\n    return order;');
  const explained = GONE.replace('    return order;', '    // As the auditors want it.\n    return order;');
  const { changes } = plan(projectOf({ 'src/a.ts': audited, 'src/b.ts': explained }), true);

  expect(changes.map(({ after }) => after)).toEqual(
    [audited, explained].map((text) =>
      text.replace(/.*events\/setup.*\n/, '').replace(/ {4}if \(order\) \{\n.*\n {4}\}\n/, ''),
    ),
  );
});

it('takes the emitter from a provider that has no other use for it, and leaves it to one that has', () => {
  const service = `\
import { Injectable } from '@nestjs/common';
import type { PrismaClient } from '@prisma/client';
import { Events } from './events/events.module.js';

@Injectable()
export class Orders {
  constructor(private readonly prisma: PrismaClient, private readonly events: Events) {}

  async remove(id: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.line.deleteMany({ where: { id } });
      await tx.order.delete({ where: { id } });
      await this.events.emit(tx, 'order.gone', { subject: id, data: { id } });
    });
  }
}
`;
  const used = service.replace('async remove', 'health() {\n    return this.events.health();\n  }\n\n  async remove');
  const { changes } = plan(projectOf({ 'src/a.ts': service, 'src/b.ts': used }), true, true);
  const withoutCall = (text: string): string => text.replace(/ {6}await this\.events\.emit.*\n/, '');

  expect(changes.map(({ after }) => after)).toEqual([
    withoutCall(service)
      .replace(/.*events\.module.*\n/, '')
      .replace(', private readonly events: Events', ''),
    withoutCall(used),
  ]);
});

it('leaves the import where another call uses it, and emitters of other kinds alone', () => {
  const kept = "    await events.emit(tx, 'order.kept', { subject: order.id, data: order });\n    return order;\n";
  const text = GONE.replace('    return order;\n', kept);
  const socket = "io.emit(room, 'order.gone', {});\n";
  const { changes, orphans } = plan(projectOf({ 'src/orders.ts': text, 'src/socket.ts': socket }), true);

  expect(orphans).toHaveLength(1);
  expect(changes.map(({ after }) => after)).toEqual([
    text.replace(/ {4}if \(order\) \{\n.*\n {4}\}\n/, ''),
  ]);
});

const CASES = import.meta.dirname;

/** What wiring made of these, taken back, is what they were. */
const TAKEN_BACK = [
  ['prisma-lone-write', 'prisma'],
  ['prisma-crlf-tabs', 'prisma'],
  ['drizzle-returning', 'drizzle'],
  ['drizzle-returned-next', 'drizzle'],
  ['knex-commonjs', 'knex'],
  ['kysely-returning', 'kysely'],
  ['knex-returning', 'knex'],
  ['fastify-drizzle', 'drizzle'],
  ['next-pages-prisma', 'prisma'],
  ['hono-drizzle', 'drizzle'],
  ['nest-without-constructor', 'prisma'],
  ['typeorm-repository', 'typeorm'],
  ['typeorm-before-0.3', 'typeorm'],
  ['typeorm-deleted', 'typeorm'],
  ['typeorm-data-source-repository', 'typeorm'],
  ['nest-typeorm-repository', 'typeorm'],
  ['sequelize-create', 'sequelize'],
  ['sequelize-instance', 'sequelize'],
  ['sequelize-destroyed', 'sequelize'],
  ['objection-insert', 'knex'],
  ['objection-instance', 'knex'],
  ['objection-deleted', 'knex'],
  ['mikro-orm-flush', 'mikro-orm'],
  ['mikro-orm-native-delete', 'mikro-orm'],
  ['mikro-orm-persist-and-flush', 'mikro-orm'],
  ['postgres-js-returning', 'postgres-js'],
  ['pg-runner-imported', 'pg'],
  ['pg-runner-wraps', 'pg'],
  ['pg-runner-with-pool', 'pg'],
  ['pg-runner-of-a-class', 'pg'],
] as const;

it('takes back what wiring did', () => {
  const project = projectOf(
    Object.fromEntries(
      TAKEN_BACK.flatMap(([name]) =>
        readdirSync(join(CASES, name))
          .filter((file) => /\.[jt]s$/.test(file) && !file.startsWith('input.'))
          .map((file) => [`src/${name}/${file}`, readFileSync(join(CASES, name, file), 'utf8')]),
      ),
    ),
  );
  cpSync(join(CASES, 'packages'), join(project.root, 'node_modules'), { recursive: true });
  const view = project.typed();
  const taken = TAKEN_BACK.map(([name, store]) => {
    const files = project.files.filter((file) => project.relativePath(file).startsWith(`src/${name}/`));
    const input = inputOf(project, true, name.startsWith('nest-'), store, `src/${name}/events`);
    const program = openProgram({ ...project, files }, input.output, ormsOf(store), { view });
    const { changes } = planWiring(input, program);
    return [name, changes.map(({ after }) => after)];
  });

  expect(Object.fromEntries(taken)).toEqual(
    Object.fromEntries(
      TAKEN_BACK.map(([name]) => {
        const file = readdirSync(join(CASES, name)).find((one) => /^input\.[jt]s$/.test(one)) ?? '';
        const text = readFileSync(join(CASES, name, file), 'utf8');
        // A name that only was there to be returned is gone.
        return [name, [text.replace(/const order = await (prisma.*;)\n\s+return order;/, 'return $1')]];
      }),
    ),
  );
}, 60_000);

it('puts the module of the events among the imports of the root module of NestJS', () => {
  const module = `\
import { Module } from '@nestjs/common';
import { OrdersModule } from './orders.module';

@Module({
  imports: [OrdersModule],
})
export class AppModule {}
`;
  const project = projectOf({
    'src/main.ts': "import { AppModule } from './app.module';\nvoid NestFactory.create(AppModule);\n",
    'src/app.module.ts': module,
  });
  const root = findRootModule(project);
  const splices = root?.splices('./events/events.module') ?? [];

  expect(root?.file).toBe('src/app.module.ts');
  expect(applySplices(readFileSync(join(project.root, 'src/app.module.ts'), 'utf8'), splices)).toBe(
    module
      .replace("module';\n\n", "module';\nimport { EventsModule } from './events/events.module';\n\n")
      .replace('[OrdersModule]', '[OrdersModule, EventsModule]'),
  );
});

it('takes the root module of the application that listens, not that of a script', () => {
  const project = projectOf({
    'src/main.ts': 'const app = await NestFactory.create(AppModule);\nawait app.listen(3000);\n',
    'src/seed.ts': 'const app = await NestFactory.create(SeedModule);\nawait app.get(Seeder).run();\n',
    'src/app.module.ts': '@Module({ imports: [] })\nexport class AppModule {}\n',
    'src/seed.module.ts': '@Module({ imports: [] })\nexport class SeedModule {}\n',
  });
  expect(findRootModule(project)?.file).toBe('src/app.module.ts');
});

it('takes away the transaction of the emitted code around a write on a pool', () => {
  const before = `\
const pool = require('./pool');

module.exports = async function remove(id) {
  const { rowCount } = await pool.query('delete from orders where id = $1', [id]);
  return rowCount;
};
`;
  const wired = `\
const pool = require('./pool');
const { events } = require('./events/setup');
const { inTransaction } = require('./events/stores/in-transaction');

module.exports = async function remove(id) {
  const { rowCount } = await inTransaction(pool, async (client) => {
    const result = await client.query('delete from orders where id = $1', [id]);
    if (result.rowCount) {
      await events.emit(client, 'order.gone', { subject: id, data: { id } });
    }
    return result;
  });
  return rowCount;
};
`;
  const { changes } = planWiring(inputOf(projectOf({ 'src/orders.js': wired }), true, false, 'pg', 'src/events'));

  expect(changes.map(({ after }) => after)).toEqual([before]);
});
