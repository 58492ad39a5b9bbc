import type { MigrationFormatId } from '../generate/migration-formats/index.ts';

/** What a team keeps its data with, on PostgreSQL, and how `emit` joins its transactions. */
export interface StoreBinding {
  /** As `store` in evtgen.config.json names it. */
  readonly id: string;
  /** In package.json, any of these says that the project uses it. */
  readonly packages: readonly string[];
  /** They are what others stand on, and the emitted code as well. */
  readonly isDriver?: boolean;
  /** Undefined where the transactions of the team are what every store takes. */
  readonly transactions: TransactionBinding | undefined;
  readonly migrations: MigrationFormatId;
  /** How it opens a transaction, as the next steps show it; undefined where they cannot know. */
  readonly example: TransactionExample | undefined;
}

/** A file in this folder that makes what the store writes through of a transaction. */
export interface TransactionBinding {
  /** Below `src` of evtgen and below `output` of the project alike. */
  readonly file: string;
  readonly type: string;
  readonly target: string;
  /** What `target` takes of the ORM, so that its file need not import that. */
  readonly argument?: { readonly imports: string; readonly name: string; readonly from: string };
}

export interface TransactionExample {
  readonly open: string;
  /** The handle that `emit` takes. */
  readonly handle: string;
}

/**
 * In the order in which they are looked for: an ORM before the query builder that it stands on, and both before the
 * driver, which their projects list too. The last is for projects that name none.
 *
 * The background work goes through none of these ORMs but through a pool of its own, of `pg` or postgres.js, or through
 * the project's where it exports one. Its statements need results as the driver gives them, which plugins and mappers
 * of ORMs change; interactive transactions of Prisma time out; and a pool of its own takes no connection from requests.
 */
export const stores: readonly [StoreBinding, ...StoreBinding[]] = [
  {
    id: 'prisma',
    packages: ['@prisma/client'],
    transactions: { file: 'stores/prisma.ts', type: 'PrismaTx', target: 'prismaTarget' },
    migrations: 'prisma',
    example: { open: 'prisma.$transaction(async (tx) => {', handle: 'tx' },
  },
  {
    id: 'drizzle',
    packages: ['drizzle-orm'],
    transactions: {
      file: 'stores/drizzle.ts',
      type: 'DrizzleTx',
      target: 'drizzleTarget',
      argument: { imports: 'sql as drizzleSql', name: 'drizzleSql', from: 'drizzle-orm' },
    },
    migrations: 'drizzle',
    example: { open: 'db.transaction(async (tx) => {', handle: 'tx' },
  },
  {
    id: 'typeorm',
    packages: ['typeorm'],
    transactions: { file: 'stores/typeorm.ts', type: 'TypeOrmTx', target: 'typeOrmTarget' },
    migrations: 'typeorm',
    example: { open: 'dataSource.transaction(async (manager) => {', handle: 'manager' },
  },
  {
    id: 'mikro-orm',
    packages: ['@mikro-orm/postgresql', '@mikro-orm/core'],
    transactions: { file: 'stores/mikro-orm.ts', type: 'MikroOrmTx', target: 'mikroOrmTarget' },
    migrations: 'mikro-orm',
    example: { open: 'orm.em.transactional(async (em) => {', handle: 'em' },
  },
  {
    id: 'sequelize',
    packages: ['sequelize', 'sequelize-typescript', '@sequelize/core'],
    transactions: { file: 'stores/sequelize.ts', type: 'SequelizeTx', target: 'sequelizeTarget' },
    migrations: 'sequelize',
    example: { open: 'sequelize.transaction(async (transaction) => {', handle: 'transaction' },
  },
  {
    id: 'kysely',
    packages: ['kysely'],
    transactions: {
      file: 'stores/kysely.ts',
      type: 'KyselyTx',
      target: 'kyselyTarget',
      argument: { imports: 'CompiledQuery', name: 'CompiledQuery', from: 'kysely' },
    },
    migrations: 'kysely',
    example: { open: 'db.transaction().execute(async (trx) => {', handle: 'trx' },
  },
  {
    id: 'knex',
    // Objection hands out transactions of Knex.
    packages: ['knex', 'objection'],
    transactions: { file: 'stores/knex.ts', type: 'KnexTx', target: 'knexTarget' },
    migrations: 'knex',
    example: { open: 'knex.transaction(async (trx) => {', handle: 'trx' },
  },
  {
    id: 'pg',
    packages: ['pg'],
    isDriver: true,
    transactions: undefined,
    migrations: 'sql',
    example: undefined,
  },
  {
    id: 'postgres-js',
    packages: ['postgres'],
    isDriver: true,
    transactions: {
      file: 'stores/postgres-js.ts',
      type: 'PostgresJsTransaction',
      target: 'postgresJsTarget',
    },
    migrations: 'sql',
    example: { open: 'sql.begin(async (sql) => {', handle: 'sql' },
  },
];

const DEFAULT_STORE = 'pg';

/** @param configured `store` of evtgen.config.json, before what the dependencies say */
export function chooseStore(
  configured: string | undefined,
  dependencies: Pick<ReadonlySet<string>, 'has'>,
): StoreBinding {
  const wanted =
    configured ?? stores.find(({ packages }) => packages.some((name) => dependencies.has(name)))?.id;
  return stores.find(({ id }) => id === (wanted ?? DEFAULT_STORE)) ?? stores[0];
}
