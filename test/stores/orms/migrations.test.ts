import { execFile } from 'node:child_process';
import { promises as fs, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path, { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPostgres } from '../../helpers/databases.ts';
import type { PostgresDatabase } from '../../helpers/databases.ts';
import { isMissing, postgres } from '../../helpers/services.ts';
import { inTurn } from '../../helpers/turns.ts';
import type { TestProject } from '../../generate/project.ts';
import { closeWhenLeft } from './close.ts';
import { ormFolder, ormPackages } from './installed.ts';
import { openProject, write } from './project.ts';

const run = promisify(execFile);

const SEQUELIZE_TOOLS = ['sequelize-cli', 'Umzug'];
const tools = inTurn(
  'tools that run migrations',
  ['Knex', 'TypeORM', 'MikroORM', 'Kysely', ...SEQUELIZE_TOOLS, 'Drizzle', 'Prisma'],
  4,
);
const takes = (tool: string): boolean => tools.includes(tool);

describe.skipIf(isMissing(postgres) || isMissing(ormPackages))('the migrations run in', () => {
  let database: PostgresDatabase;
  let project: TestProject | undefined;
  let expected: unknown[];

  beforeEach(async () => {
    database = await openPostgres();
    expected = await tables();
    await database.pool.query('drop schema evtgen cascade');
    // The user of the tests may be called like the schema, which would then come first for tables of the tools.
    await database.pool.query(
      `do $$ begin execute format('alter database %I set search_path to public', current_database()); end $$`,
    );
  });
  afterEach(async () => {
    await closeWhenLeft(database);
    project?.remove();
  });

  /** Every column, index, trigger and function of the event log. */
  async function tables(): Promise<unknown[]> {
    const { rows } = await database.pool.query(`
      select table_name || '.' || column_name as what, data_type || is_nullable || coalesce(column_default, '') as how
        from information_schema.columns where table_schema = 'evtgen' and table_name <> 'migrations'
      union all select indexname, indexdef from pg_indexes where schemaname = 'evtgen' and tablename <> 'migrations'
      union all select tgname, replace(pg_get_triggerdef(oid), 'evtgen.', '') from pg_trigger where tgrelid = to_regclass('evtgen.deliveries')
      union all select proname, prosrc from pg_proc where pronamespace = to_regnamespace('evtgen')
       order by 1, 2`);
    return rows;
  }

  /** Up and down, and how often. */
  async function bothWays(up: () => Promise<unknown>, down: () => Promise<unknown>): Promise<number> {
    let times = 0;
    while (times < 2) {
      await up();
      expect(await tables()).toEqual(expected);
      await database.pool.query('select id from shop_orders');
      await down();
      expect(await tables()).toEqual([]);
      times += 1;
    }
    return times;
  }

  const CREATE = 'create table shop_orders (id int)';

  test.runIf(takes('Knex'))('Knex, with up and down', async () => {
    project = await openProject(['knex', 'pg'], 'cjs', {
      'migrations/20250101000000_orders.js': `exports.up = (knex) => knex.raw('${CREATE}');
exports.down = (knex) => knex.raw('drop table shop_orders');`,
    });
    const { default: knexOf } = await import('knex');
    const knex = knexOf({ client: 'pg', connection: database.url });
    const config = { directory: project.path('migrations') };
    const times = await bothWays(
      () => knex.migrate.latest(config),
      () => knex.migrate.rollback(config, true),
    );
    expect(times).toBe(2);
    await knex.destroy();
  });

  test.runIf(takes('TypeORM'))('TypeORM, with up and down', async () => {
    project = await openProject(['typeorm', 'pg'], 'cjs', {
      'src/migrations/1735689600000-Orders.js': `exports.Orders1735689600000 = class Orders1735689600000 {
  up(runner) { return runner.query('${CREATE}'); }
  down(runner) { return runner.query('drop table shop_orders'); }
};`,
    });
    const { DataSource } = await import('typeorm');
    const migrations = [project.path('src/migrations/*.js')];
    const dataSource = new DataSource({ type: 'postgres', url: database.url, migrations });
    await dataSource.initialize();
    const times = await bothWays(
      () => dataSource.runMigrations({ transaction: 'all' }),
      async () => {
        for (const _ of readdirSync(project?.path('src/migrations') ?? ''))
          await dataSource.undoLastMigration();
      },
    );
    expect(times).toBe(2);
    await dataSource.destroy();
  });

  test.runIf(takes('MikroORM'))('MikroORM, with up and down', async () => {
    project = await openProject(
      ['@mikro-orm/core', '@mikro-orm/postgresql', '@mikro-orm/migrations'],
      'cjs',
      {
        'src/migrations/Migration20250101000000.js': `const { Migration } = require('@mikro-orm/migrations');
exports.Migration20250101000000 = class Migration20250101000000 extends Migration {
  async up() { this.addSql('${CREATE}'); }
  async down() { this.addSql('drop table shop_orders'); }
};`,
      },
    );
    const { MikroORM } = await import('@mikro-orm/postgresql');
    const { Migrator } = await import('@mikro-orm/migrations');
    const orm = await MikroORM.init({
      clientUrl: database.url,
      entities: [],
      discovery: { warnWhenNoEntities: false },
      extensions: [Migrator],
      logger: () => undefined,
      migrations: { path: project.path('src/migrations'), glob: '*.js' },
    });
    const times = await bothWays(
      () => orm.getMigrator().up(),
      () => orm.getMigrator().down({ to: 0 }),
    );
    expect(times).toBe(2);
    // A schema that it has not made would be dropped with the next change of an entity.
    await orm.getMigrator().up();
    const changes = (): Promise<string> => orm.getSchemaGenerator().getUpdateSchemaSQL();
    expect(await changes()).toContain('drop table if exists "evtgen"."events"');
    orm.config.set('schemaGenerator', { ...orm.config.get('schemaGenerator'), ignoreSchema: ['evtgen'] });
    expect(await changes()).not.toContain('"evtgen"');
    await orm.close();
  });

  test.runIf(takes('Kysely'))('Kysely, with up and down', async () => {
    project = await openProject(['kysely', 'pg'], 'strictest', {
      'migrations/2025-01-01-orders.js': `import { sql } from 'kysely';
export const up = (db) => sql.raw('${CREATE}').execute(db);
export const down = (db) => sql.raw('drop table shop_orders').execute(db);`,
    });
    const { FileMigrationProvider, Kysely, Migrator, NO_MIGRATIONS, PostgresDialect } =
      await import('kysely');
    const db = new Kysely({ dialect: new PostgresDialect({ pool: database.connect() }) });
    const provider = new FileMigrationProvider({ fs, path, migrationFolder: project.path('migrations') });
    const migrator = new Migrator({ db, provider });
    const orThrow = ({ error }: { error?: unknown }): void => {
      if (error !== undefined) throw error;
    };
    const times = await bothWays(
      () => migrator.migrateToLatest().then(orThrow),
      () => migrator.migrateTo(NO_MIGRATIONS).then(orThrow),
    );
    expect(times).toBe(2);
    await db.destroy();
  });

  test.each(SEQUELIZE_TOOLS.filter(takes))('Sequelize by %s, with up and down', async (runner) => {
    const parameter = runner === 'Umzug' ? '{ context: queryInterface }' : 'queryInterface';
    project = await openProject(['sequelize', 'pg'], 'cjs', {
      'migrations/20250101000000-orders.js': `exports.up = (${parameter}) => queryInterface.sequelize.query('${CREATE}');
exports.down = (${parameter}) => queryInterface.dropTable('shop_orders');`,
    });
    const { Sequelize } = await import('sequelize');
    const { SequelizeStorage, Umzug } = await import('umzug');
    const sequelize = new Sequelize(database.url, { dialect: 'postgres', logging: false });
    const context = sequelize.getQueryInterface();
    const glob = project.path('migrations/*.js');
    // What sequelize-cli does.
    const resolve = ({ name, path: file = '' }: { name: string; path?: string }) => {
      const migration = createRequire(file)(file) as Record<
        'up' | 'down',
        (queryInterface: unknown) => Promise<unknown>
      >;
      return { name, up: () => migration.up(context), down: () => migration.down(context) };
    };
    const umzug = new Umzug({
      migrations: runner === 'Umzug' ? { glob } : { glob, resolve },
      context,
      storage: new SequelizeStorage({ sequelize }),
      logger: undefined,
    });
    const times = await bothWays(
      () => umzug.up(),
      () => umzug.down({ to: 0 }),
    );
    expect(times).toBe(2);
    await sequelize.close();
  });

  test.runIf(takes('Drizzle'))('Drizzle, by its own program, which goes on from there', async () => {
    const files = {
      'drizzle.config.ts': `export default { dialect: 'postgresql', schema: './src/schema.ts', out: './src/changes',
  dbCredentials: { url: '${database.url}' } };`,
      'src/schema.ts': `import { integer, pgTable } from 'drizzle-orm/pg-core';
export const orders = pgTable('shop_orders', { id: integer('id') });`,
    };
    project = await openProject(['drizzle-orm', 'pg'], 'strictest', files, kit('generate'));
    expect(project.read('src/changes/meta/_journal.json')).toContain('"tag": "0001_evtgen_event_log"');
    write(
      project,
      'src/schema.ts',
      files['src/schema.ts'].replace("'id')", "'id'), total: integer('total')"),
    );
    await kit('generate')(project);
    expect(readdirSync(project.path('src/changes')).filter((name) => name.startsWith('0007_'))).toHaveLength(
      1,
    );
    await kit('check')(project);
    await kit('migrate')(project);
    expect(await tables()).toEqual(expected);
    await database.pool.query('select id, total from shop_orders');
  });

  test.runIf(takes('Prisma'))('Prisma, by the engine of its own program', async () => {
    project = await openProject(['prisma', '@prisma/client', 'pg'], 'strictest', {
      'prisma/migrations/20250101000000_orders/migration.sql': CREATE,
      'prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
    });
    const { engine, close } = await openSchemaEngine(database.url);
    const folder = project.path('prisma/migrations');
    const names = readdirSync(folder)
      .filter((name) => name.startsWith('2'))
      .sort();
    const migrationDirectories = names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(join(folder, name, 'migration.sql'), 'utf8') },
      },
    }));
    const lockfile = { path: 'migration_lock.toml', content: 'provider = "postgresql"' };
    const migrationsList = { baseDir: folder, lockfile, shadowDbInitScript: '', migrationDirectories };
    const filters = { externalTables: [], externalEnums: [] };
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters } as never);
    expect(appliedMigrationNames).toEqual(names);
    expect(names.slice(1).map((name) => name.slice(15))).toEqual([
      'evtgen_event_log',
      'evtgen_webhooks',
      'evtgen_idempotency_keys',
      'evtgen_retention',
      'evtgen_secret_overlaps',
      'evtgen_inbox',
    ]);
    expect(await tables()).toEqual(expected);
    const history = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: true,
      filters,
    } as never);
    // No drift: nothing that the migrations do not say, and the other way round.
    expect(history).toEqual({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
    await close();
  });
});

/** One run of drizzle-kit. */
function kit(command: string): (project: TestProject) => Promise<void> {
  return async ({ root }) => {
    await run(process.execPath, [join(ormFolder, 'node_modules/drizzle-kit/bin.cjs'), command], {
      cwd: root,
    });
  };
}

/** What is used of an engine in WebAssembly, of which the types of Node 20 know nothing. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

/** Of the program `prisma`, which would fetch it as a native binary; the same is on npm as WebAssembly. */
async function openSchemaEngine(connectionString: string) {
  const engine = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const { PrismaPg } = await import('@prisma/adapter-pg');
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const bytes = readFileSync(
    join(ormFolder, 'node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm'),
  );
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine });
  (engine as unknown as { __wbg_set_wasm(exports: unknown): void }).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const schema = readFileSync(join(ormFolder, 'prisma/schema.prisma'), 'utf8');
  const factory = new PrismaPg({ connectionString });
  const adapters: { dispose(): Promise<void> }[] = [];
  for (const method of ['connect', 'connectToShadowDb'] as const) {
    const connect = factory[method].bind(factory);
    factory[method] = async () => {
      const adapter = await connect();
      // The native engine sends a script whole; this adapter would cut it at every semicolon.
      adapter.executeScript = async (sql) => void (await adapter.executeRaw({ sql, args: [], argTypes: [] }));
      // The engine itself ends those to its shadow database.
      if (method === 'connect') adapters.push(adapter);
      return adapter;
    };
  }
  const adapter = bindMigrationAwareSqlAdapterFactory(factory);
  return {
    engine: await engine.SchemaEngine.new(
      { datamodels: [['schema.prisma', schema]] },
      () => undefined,
      adapter,
    ),
    close: () => Promise.all(adapters.map((each) => each.dispose())),
  };
}
