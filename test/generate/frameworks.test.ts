import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { routeBindings } from '../../src/routes/index.ts';
import { scanProject } from '../../src/scan/scan.ts';
import { inTurn } from '../helpers/turns.ts';
import { compile } from './compile.ts';
import { linkDependencies, runTests, shopWithCatalog, type TestProject } from './project.ts';

let project: TestProject;
afterEach(() => project.remove());

/** The shop in another framework: the applications of the sample make way for these files. */
function given(dependencies: Record<string, string>, files: Record<string, string> = {}, config = {}): void {
  project = shopWithCatalog();
  const { express: _express, ...others } = packageJson().dependencies;
  write('package.json', JSON.stringify({ ...packageJson(), dependencies: { ...others, ...dependencies } }));
  write('evtgen.config.json', JSON.stringify(config));
  for (const [path, text] of Object.entries({ 'src/app.ts': 'export {};\n', ...files })) write(path, text);
}

function packageJson(): { dependencies: Record<string, string>; devDependencies: Record<string, string> } {
  return JSON.parse(project.read('package.json')) as ReturnType<typeof packageJson>;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(project.path(path)), { recursive: true });
  writeFileSync(project.path(path), text);
}

/** An application of each framework that mounts what was written as the next steps say. */
const APPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  express: {
    'src/app.ts': `import express from 'express';
import { eventRoutes } from './routes/webhooks.js';
export const app: express.Express = express();
app.use('/orders', express.Router());
app.use(eventRoutes);
`,
  },
  fastify: {
    'src/app.ts': `import { fastify } from 'fastify';
import { eventRoutes } from './routes/webhooks.js';
const app = fastify({ logger: true });
app.register(eventRoutes);
app.register(eventRoutes, { prefix: '/api' });
`,
  },
  hapi: {
    'src/app.ts': `import { server as createServer } from '@hapi/hapi';
import { eventRoutes } from './routes/webhooks.js';
export async function createApp(): Promise<void> {
  const app = createServer({ port: 3000 });
  await app.register(eventRoutes);
  await app.register(eventRoutes, { routes: { prefix: '/api' } });
}
`,
  },
  hono: {
    'src/app.ts': `import { Hono } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import { eventRoutes } from './routes/webhooks.js';
new Hono().use(eventRoutes);
new Hono<{ Bindings: HttpBindings; Variables: { user: string } }>().use(eventRoutes);
`,
  },
  koa: {
    'src/app.ts': `import Koa from 'koa';
import { eventRoutes } from './routes/webhooks.js';
const app = new Koa<{ user: string }>();
app.use(eventRoutes);
`,
  },
  nest: {
    'src/app.module.ts': `import { Injectable, Module } from '@nestjs/common';
import { Events, EventsModule } from './events/events.module.js';
@Injectable()
export class OrdersService {
  constructor(private readonly events: Events) {}
  health(): Promise<unknown> {
    return this.events.health();
  }
}
@Module({ imports: [EventsModule], providers: [OrdersService] })
export class AppModule {}
`,
    'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { Events } from './events/events.module.js';
export async function start(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  app.get(Events).start();
  app.enableShutdownHooks();
  await app.listen(3000);
}
`,
  },
  next: {
    'src/app/api/orders/route.ts': `import { events } from '../../../events/setup.js';
export const GET = async (): Promise<Response> => Response.json(await events.health());
`,
    'next.config.ts': "export default { basePath: '/shop' };\n",
  },
  node: {
    'src/app.ts': `import { createServer } from 'node:http';
import { eventRoutes } from './routes/webhooks.js';
createServer((request, response) => {
  if (eventRoutes(request, response)) return;
  response.end('shop');
});
`,
  },
};

const TSCONFIGS = {
  strictest: {
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    declaration: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    isolatedModules: true,
    verbatimModuleSyntax: true,
  },
  loose: { target: 'es2022', module: 'nodenext', types: ['node'], strict: false, strictNullChecks: false },
} as const;

const CONFIGURATIONS = [
  ['strictest', '5.4'],
  ['loose', '7.0'],
] as const;

const compiled = inTurn(
  'configurations of the frameworks',
  CONFIGURATIONS.flatMap((configuration) =>
    routeBindings.map((binding) => [binding, configuration] as const),
  ),
  4,
);

describe.each([...new Set(compiled.map(([binding]) => binding))])(
  '$title',
  ({ id, package: packageName }) => {
    const files = APPS[id] ?? {};
    const dependencies = packageName === undefined ? {} : { [packageName]: '*' };
    const config = packageName === undefined ? { framework: id } : {};
    const decorators = id === 'nest' ? { experimentalDecorators: true, emitDecoratorMetadata: true } : {};

    const configurations = compiled.filter(([binding]) => binding.id === id);
    test.each(configurations.map(([, configuration]) => configuration))(
      'what is written type-checks under %s on TypeScript %s',
      async (name, version) => {
        given(dependencies, files, config);
        write(
          'tsconfig.json',
          JSON.stringify({ compilerOptions: { ...TSCONFIGS[name], ...decorators, noEmit: true } }),
        );
        linkDependencies(project);
        const { stdout } = await project.generate('json');
        const { changes } = JSON.parse(stdout) as { changes: { path: string }[] };
        const generated = changes.map(({ path }) => path).filter((path) => path.endsWith('.ts'));
        const judged = [...generated, ...Object.keys(files)];
        const output = await compile(project, version, 'tsconfig.json', judged);
        // The shop itself is no strict project.
        expect(
          output.split('\n').filter((line) => judged.some((path) => line.startsWith(`${path}(`))),
        ).toEqual([]);
        expect(output).not.toMatch(/^error TS/m);
        // Nothing of it is a mutation of the team's API.
        const found = scanProject(project.root).mutations.map(({ file }) => file);
        expect(found.filter((file) => generated.includes(file))).toEqual([]);
      },
    );
  },
);

test.each(inTurn('frameworks whose tests run', ['nest', 'next'], 1))(
  'the tests that come with it pass (%s)',
  async (id) => {
    const binding = routeBindings.find((each) => each.id === id);
    given({ [binding?.package ?? '']: '*' });
    linkDependencies(project);
    await project.generate();
    expect(await runTests(project, 'tests/events')).toMatchObject({ status: 0 });
  },
  180_000,
);

test.each([
  [{ '@nestjs/core': '11', express: '5' }, 'src/events/events.module.ts', 'class EventsModule'],
  [{ next: '16', hono: '4' }, 'src/app/api/webhooks/[[...path]]/route.ts', 'handle as GET'],
  [{ fastify: '5', hono: '4' }, 'src/routes/webhooks.ts', 'fastifyRoutes(events.routes)'],
  [{ hono: '4', koa: '3' }, 'src/routes/webhooks.ts', 'honoRoutes(events.routes)'],
  [{ koa: '3', '@hapi/hapi': '21' }, 'src/routes/webhooks.ts', 'koaRoutes(events.routes)'],
  [{ '@hapi/hapi': '21', express: '5' }, 'src/routes/webhooks.ts', 'hapiRoutes(events.routes)'],
])('of %j the first of the documented order is taken', async (dependencies, file, text) => {
  given(dependencies as Record<string, string>);
  await project.generate();
  expect(project.read(file)).toContain(text);
});

test('what is only for development does not decide, and the configuration does', async () => {
  given({ koa: '3' });
  write('package.json', JSON.stringify({ ...packageJson(), devDependencies: { fastify: '5' } }));
  await project.generate();
  expect(project.read('src/routes/webhooks.ts')).toContain('koaRoutes(events.routes)');
  write('evtgen.config.json', JSON.stringify({ framework: 'node' }));
  await project.generate();
  expect(project.read('src/routes/webhooks.ts')).toContain('nodeRoutes(events.routes)');
  expect(project.files().has('src/events/routes/koa.ts')).toBe(false);
});

test('a configured base path is that of the setup and of the folders of Next.js', async () => {
  given({ next: '16' }, { 'app/page.tsx': 'export default () => null;\n' }, { basePath: '/api/hooks' });
  await project.generate();
  expect(project.read('src/events/setup.ts')).toContain("basePath: '/api/hooks',");
  const routes = [...project.files().keys()].filter((path) => path.endsWith('/route.ts'));
  expect(routes).toEqual(
    ['dead-letters', 'events', 'webhooks'].map((name) => `app/api/hooks/${name}/[[...path]]/route.ts`),
  );
});

test.each([
  ["export default { basePath: '/shop' };\n", undefined, '/shop'],
  ["const base = '/shop';\nmodule.exports = wrapped({ basePath: base });\n", '/shop/api', '/shop'],
  ["const basePath = process.env.BASE ?? '';\nexport default { basePath };\n", undefined, ''],
])('what Next.js takes off the front of paths is put back: %s', async (config, basePath, outer) => {
  given(
    { next: '16' },
    { 'app/page.tsx': 'export default () => null;\n', 'next.config.mjs': config },
    basePath === undefined ? {} : { basePath },
  );
  await project.generate();
  expect(project.read('src/events/setup.ts')).toContain(`basePath: '${outer}/api',`);
  const route = project.read('app/api/webhooks/[[...path]]/route.ts');
  expect(route.includes('url.pathname = `/shop${url.pathname}`;')).toBe(outer === '/shop');
});

test('the steps say how each is mounted and started', async () => {
  given({ next: '16' }, { 'app/page.tsx': 'export default () => null;\n' });
  const next = await project.generate();
  expect(next.stdout).not.toContain('Mount the routes');
  expect(next.stdout).toContain('in instrumentation.ts\n     export async function register()');
  expect(next.stdout).toContain("await import('./src/events/setup.js')");
  project.remove();

  given({ '@nestjs/core': '11' });
  const nest = await project.generate();
  expect(nest.stdout).toContain("import { EventsModule } from './events/events.module.js';");
  expect(nest.stdout).toContain('app.get(Events).start();');
});

test.each([
  [
    'fastify',
    "import Fastify from 'fastify';\nconst server = Fastify();\nawait server.register(cors);\nawait server.listen();\n",
    'await server.register(cors);\nserver.register(eventRoutes);\n',
  ],
  [
    'koa',
    "import Koa from 'koa';\nconst app = new Koa();\napp.use(cors());\napp.use(router.routes());\napp.listen(3000);\n",
    'app.use(router.routes());\napp.use(eventRoutes);\n',
  ],
  [
    'hono',
    "import { Hono } from 'hono';\nconst app = new Hono();\napp.use(logger());\napp.route('/orders', orders);\nexport default app;\n",
    "app.route('/orders', orders);\napp.use(eventRoutes);\n",
  ],
])('--wire mounts the routes in %s behind what the application has', async (id, app, expected) => {
  given({ [id]: '*' }, { 'src/app.ts': app });
  await project.generate('wire', 'allowDirty');
  expect(project.read('src/app.ts')).toContain(expected);
  const again = await project.generate('wire', 'allowDirty', 'json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    changes: expect.not.arrayContaining([expect.objectContaining({ kind: 'update' })]) as unknown,
  });
});
