import type { SetupPart } from '../generate/setup-part.ts';

/** A framework in which the emitted code answers: one module in this folder, or files of the framework's own making. */
export interface RouteBinding {
  /** As `framework` in evtgen.config.json names it. */
  readonly id: string;
  readonly title: string;
  /** The dependency that tells it; none for one that has to be configured. */
  readonly package: string | undefined;
  readonly files: RouteFiles;
  /** Where the routes are, unless configured otherwise; at the root unless given. */
  readonly basePath?: string | undefined;
  /** Modules are made again for each bundle, so that what must exist once needs care. */
  readonly isBundled?: boolean | undefined;
  /** What `setup.ts` says beyond what all do. */
  readonly setup?: SetupPart | undefined;
  /** How it is put to use, unless by its files alone. */
  readonly mount?: RouteMount | undefined;
  /** How the background work is started in its way, where a server of one's own is not the place. */
  readonly start?: RouteStart | undefined;
}

/** What is written: a file in the folder of the project's routes that binds a module of this folder. */
export interface BoundModule {
  readonly kind: 'module';
  /** Below `src` of evtgen and below `output` of the project alike. */
  readonly file: string;
  /** The function that makes the routes, and the type of what it makes. */
  readonly create: string;
  readonly type: string;
}

/** Or files at places that the framework prescribes. */
export interface PlacedFiles {
  readonly kind: 'placed';
  readonly template: string;
  /** In the output folder, or below the folder of the framework's routes. */
  readonly place: 'output' | 'app';
  readonly paths: readonly [string, ...string[]];
}

export type RouteFiles = BoundModule | PlacedFiles;

export interface RouteMount {
  /** Where that is usually done. */
  readonly file: string;
  /** What a file imports: `eventRoutes`. */
  readonly name: string;
  /** `app` stands for the application. */
  readonly statement: string;
  /** How an application is made and what it is told, where `--wire` can find it. */
  readonly wire?: { readonly maker: RegExp; readonly method: 'use' | 'register' } | undefined;
}

export interface RouteStart {
  readonly file: string;
  /** `#events/` stands for the output folder. */
  readonly code: string;
}

const module = (id: string, name: string): BoundModule => ({
  kind: 'module',
  file: `routes/${id}.ts`,
  create: `${id}Routes`,
  type: `${name}Routes`,
});

const use = (maker: RegExp): RouteMount => ({
  file: 'src/app.ts',
  name: 'eventRoutes',
  statement: 'app.use(eventRoutes);',
  wire: { maker, method: 'use' },
});

/**
 * In the order of detection: of several that a package depends on, the first is taken, since Nest runs on Express or
 * Fastify, and Next.js beside a server. Dependencies that are for development only count last.
 */
export const routeBindings: readonly RouteBinding[] = [
  {
    id: 'nest',
    title: 'NestJS',
    package: '@nestjs/core',
    files: { kind: 'placed', template: 'routes/nest.hbs', place: 'output', paths: ['events.module.ts'] },
    mount: {
      file: 'src/app.module.ts',
      name: 'EventsModule',
      statement: '@Module({ imports: [EventsModule] })',
    },
    start: {
      file: 'src/main.ts',
      code: `import { Events } from '#events/events.module.ts';\napp.get(Events).start();\napp.enableShutdownHooks(); // the module stops it`,
    },
  },
  {
    id: 'next',
    title: 'Next.js',
    package: 'next',
    files: {
      kind: 'placed',
      template: 'routes/next.hbs',
      place: 'app',
      paths: [
        'webhooks/[[...path]]/route.ts',
        'events/[[...path]]/route.ts',
        'dead-letters/[[...path]]/route.ts',
      ],
    },
    basePath: '/api',
    isBundled: true,
    setup: {
      imports: [],
      settings: `\
// \`next build\` loads this module too, where there are no secrets.
isProduction: process.env['NODE_ENV'] === 'production' && process.env['NEXT_PHASE'] !== 'phase-production-build',`,
    },
    start: {
      file: 'instrumentation.ts',
      code: `\
export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { events } = await import('#events/setup.ts');
    events.start();
    process.once('SIGTERM', () => void events.stop());
  }
}`,
    },
  },
  {
    id: 'fastify',
    title: 'Fastify',
    package: 'fastify',
    files: module('fastify', 'Fastify'),
    mount: {
      file: 'src/app.ts',
      name: 'eventRoutes',
      statement: 'app.register(eventRoutes);',
      wire: { maker: /^(?:fastify|Fastify)$/, method: 'register' },
    },
  },
  { id: 'hono', title: 'Hono', package: 'hono', files: module('hono', 'Hono'), mount: use(/^Hono$/) },
  { id: 'koa', title: 'Koa', package: 'koa', files: module('koa', 'Koa'), mount: use(/^Koa$/) },
  {
    id: 'hapi',
    title: 'hapi',
    package: '@hapi/hapi',
    files: module('hapi', 'Hapi'),
    mount: { file: 'src/app.ts', name: 'eventRoutes', statement: 'await app.register(eventRoutes);' },
  },
  {
    id: 'express',
    title: 'Express',
    package: 'express',
    files: module('express', 'Express'),
    mount: use(/^express$/),
  },
  {
    id: 'node',
    title: 'node:http',
    package: undefined,
    files: module('node', 'Node'),
    mount: {
      file: 'src/server.ts',
      name: 'eventRoutes',
      statement: 'if (eventRoutes(request, response)) return; // first in the listener',
    },
  },
];
