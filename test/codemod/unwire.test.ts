import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findRootModule } from '../../src/codemod/nest-module.ts';
import { applySplices } from '../../src/codemod/insert.ts';
import { planWiring, type WiringPlan } from '../../src/codemod/wire.ts';
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

function plan(project: Project, isUnwiring: boolean): WiringPlan {
  return planWiring({
    project,
    mutations: [],
    catalog: {
      catalogVersion: 1,
      eventTypes: { 'order.kept': { version: 1, audience: 'public' } },
      mutations: {},
    },
    schemaOf: () => null,
    output: 'src/events',
    specifierEnding: '.js',
    store: 'prisma',
    isAll: false,
    isInjected: false,
    isUnwiring,
    beside: [],
  });
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
    GONE.replace(/.*events\/setup.*\n/, '').replace(/ {4}if \(order\) \{\n.*\n {4}\}\n/, ''),
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
