import type { StoreBinding } from '../stores/index.ts';
import { relativeModule } from './dialect.ts';
import type { DatabaseExport } from './find-anchors.ts';
import type { ProjectFacts } from './project.ts';
import type { SetupPart } from './setup-part.ts';

/** What `create-events.hbs` is told of the transactions that `emit` takes. */
export function storeData({ transactions }: StoreBinding): Record<string, unknown> {
  if (transactions === undefined) return { transactions, argument: undefined, target: undefined };
  const { argument, target } = transactions;
  return { transactions, argument, target: argument === undefined ? target : `${target}(${argument.name})` };
}

/** The driver that the background work runs on; see src/stores/index.ts for why it is not the ORM. */
export function driverOf({ store, database, dependencies }: DriverFacts): 'pg' | 'postgres' {
  if (database !== undefined) return database.driver;
  if (store.id === 'postgres-js') return 'postgres';
  return store.id !== 'pg' && dependencies.has('postgres') && !dependencies.has('pg') ? 'postgres' : 'pg';
}

type DriverFacts = Pick<ProjectFacts, 'store' | 'database' | 'dependencies'>;

/** What setup.ts is told of the database. */
export function storePart(facts: ProjectFacts, setup: string): SetupPart & { readonly settings: string } {
  const { database } = facts;
  if (driverOf(facts) === 'postgres') return postgresJsPart(facts, setup);
  const pgSqlImport = `{ pgSql } from '#events/stores/pg.ts'`;
  if (database !== undefined) {
    return {
      imports: [projectExport(database, setup), pgSqlImport],
      settings: `\
// With a client for a connection that listens, events of other processes are seen at once, not within 100 ms:
// pgSql(${database.name}, { createListeningClient: () => new pg.Client(…the settings of ${database.name}) })
sql: pgSql(${database.name}),`,
    };
  }
  // The named export of pg's ES module wrapper is too young to rely on; CommonJS always had it.
  const own =
    facts.dialect.moduleFormat === 'esm'
      ? { clause: 'pg', pool: 'pg.Pool', client: 'pg.Client' }
      : { clause: '{ Client, Pool }', pool: 'Pool', client: 'Client' };
  return {
    imports: [`${own.clause} from 'pg'`, pgSqlImport],
    statements: `\
const database = { connectionString: process.env['DATABASE_URL'] };
const pool = new ${own.pool}(database);

// An idle connection that the server drops must not take the process with it.
pool.on('error', (error) => console.error('idle database connection failed:', error.message));`,
    settings: `\
// The client is for a connection that listens, so that events of other processes are seen at once.
sql: pgSql(pool, { createListeningClient: () => new ${own.client}(database) }),`,
  };
}

function postgresJsPart({ database, dialect }: ProjectFacts, setup: string): ReturnType<typeof storePart> {
  const bindingImport = `{ postgresJsSql } from '#events/stores/postgres-js.ts'`;
  if (database !== undefined) {
    return {
      imports: [projectExport(database, setup), bindingImport],
      settings: `sql: postgresJsSql(${database.name}),`,
    };
  }
  // It is a function that CommonJS gets as the module itself.
  const clause =
    dialect.moduleFormat === 'esm' ? `postgres from 'postgres'` : `postgres = require('postgres')`;
  return {
    imports: [clause, bindingImport],
    statements: `const database = postgres(process.env['DATABASE_URL'] ?? '');`,
    settings: 'sql: postgresJsSql(database),',
  };
}

function projectExport({ name, isDefault, file }: DatabaseExport, setup: string): string {
  return `${isDefault ? name : `{ ${name} }`} from '${relativeModule(setup, file)}'`;
}
