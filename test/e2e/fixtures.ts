/** A sample project of one stack, as a small team would have it, that the whole way through evtgen is gone with. */
export interface Fixture {
  /** Its folder below `fixtures`. */
  readonly name: string;
  /** What `init` is to find, by the ids of evtgen.config.json; it has to be told `node`, of which no package tells. */
  readonly framework: string;
  readonly store: string;
  /** What its models are, where that is not the store itself. */
  readonly models?: string;
  readonly formatter?: 'prettier' | 'biome' | 'oxfmt' | 'dprint';
  /** `--broker` of `init`, and the package that speaks to it. */
  readonly broker: string;
  readonly client: string;
  /** As the table calls it. */
  readonly dialect: string;
  /** The compiler that its package.json asks for. Absent in JavaScript. */
  readonly typescript?: '5.4' | '5.9' | '6.0' | '7.0';
  /** `generate --wire` does it, else the edits by hand are in `wired/<name>.patch`. */
  readonly isWired?: boolean;
  /** Runs the emitted worker, where the application does not start the background work itself. */
  readonly worker?: string;
  /** How an order is placed. */
  readonly order: { readonly path: string; readonly body: object };
  /** Migrates where the project's own tool would download an engine first. */
  readonly migrate?: string;
  /** Where the routes are; the root unless given. */
  readonly basePath?: string;
}

const order = { path: '/orders', body: { customer: 'Ada', totalCents: 4200 } };

export const FIXTURES: readonly Fixture[] = [
  {
    name: 'express-orders',
    framework: 'express',
    store: 'pg',
    broker: 'redis-streams',
    client: 'ioredis',
    dialect: 'TypeScript, ESM, strict',
    typescript: '6.0',
    isWired: true,
    worker: 'node --import tsx src/events/worker.ts',
    order: { path: '/api/v1/orders', body: { customerId: 1, items: [{ productId: 1, quantity: 2 }] } },
  },
  {
    name: 'express-esm-orders',
    framework: 'express',
    store: 'pg',
    broker: 'redis-pub-sub',
    client: 'redis',
    dialect: 'JavaScript, ESM',
    isWired: true,
    worker: 'node src/events/worker.js',
    order,
  },
  {
    name: 'express-cjs-orders',
    framework: 'express',
    store: 'pg',
    broker: 'redis-pub-sub',
    client: 'ioredis',
    dialect: 'JavaScript, CommonJS, tested by Jest',
    isWired: true,
    worker: 'node lib/events/worker.js',
    order,
  },
  {
    name: 'fastify-orders',
    framework: 'fastify',
    store: 'drizzle',
    formatter: 'biome',
    broker: 'kafka',
    client: 'kafkajs',
    dialect: 'TypeScript, ESM, every strict flag',
    typescript: '5.9',
    order,
  },
  {
    name: 'nest-orders',
    framework: 'nest',
    store: 'typeorm',
    formatter: 'prettier',
    broker: 'rabbitmq',
    client: 'amqplib',
    dialect: 'TypeScript, CommonJS, loose, decorators',
    typescript: '5.4',
    order,
  },
  {
    name: 'nest-fastify-orders',
    framework: 'nest',
    store: 'mikro-orm',
    broker: 'sqs',
    client: '@aws-sdk/client-sqs',
    dialect: 'TypeScript, ESM, strict, decorators',
    typescript: '6.0',
    order,
  },
  {
    name: 'hono-orders',
    framework: 'hono',
    store: 'kysely',
    formatter: 'oxfmt',
    broker: 'nats-jetstream',
    client: '@nats-io/transport-node',
    dialect: 'TypeScript, ESM run by tsx, erasableSyntaxOnly',
    typescript: '7.0',
    order,
  },
  {
    name: 'koa-orders',
    framework: 'koa',
    store: 'knex',
    models: 'objection',
    formatter: 'prettier',
    broker: 'sqs',
    client: '@aws-sdk/client-sqs',
    dialect: 'TypeScript, CommonJS, strict',
    typescript: '5.9',
    order,
  },
  {
    name: 'koa-esm-orders',
    framework: 'koa',
    store: 'knex',
    formatter: 'biome',
    broker: 'redis-streams',
    client: 'redis',
    dialect: 'JavaScript, ESM',
    order,
  },
  {
    name: 'next-orders',
    framework: 'next',
    store: 'prisma',
    formatter: 'prettier',
    broker: 'redis-streams',
    client: 'redis',
    dialect: 'TypeScript, bundled, strict',
    typescript: '5.9',
    migrate: 'cat prisma/migrations/*/migration.sql | psql --quiet --set ON_ERROR_STOP=1 "$DATABASE_URL"',
    order: { ...order, path: '/api/orders' },
    basePath: '/api',
  },
  {
    name: 'hapi-orders',
    framework: 'hapi',
    store: 'sequelize',
    formatter: 'dprint',
    broker: 'sns',
    client: '@aws-sdk/client-sns',
    dialect: 'JavaScript, CommonJS',
    order,
  },
  {
    name: 'node-orders',
    framework: 'node',
    store: 'postgres-js',
    formatter: 'dprint',
    broker: 'bullmq',
    client: 'bullmq',
    dialect: 'TypeScript, ESM, isolatedDeclarations',
    typescript: '7.0',
    order,
  },
];
