import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../scan/project.ts';

export interface DetectedDatabase {
  readonly name: string;
  /** The file or the dependency that tells it. */
  readonly from: string;
}

/** As Prisma and Drizzle name them. */
const NAMES: Readonly<Record<string, string>> = {
  postgresql: 'PostgreSQL',
  postgres: 'PostgreSQL',
  cockroachdb: 'CockroachDB',
  mysql: 'MySQL',
  singlestore: 'SingleStore',
  sqlite: 'SQLite',
  turso: 'SQLite',
  sqlserver: 'SQL Server',
  mssql: 'SQL Server',
  mongodb: 'MongoDB',
};

/** PostgreSQL first: a project that has it has what the event log needs. */
const DRIVERS: readonly (readonly [string, string])[] = [
  ['pg', 'PostgreSQL'],
  ['postgres', 'PostgreSQL'],
  ['@neondatabase/serverless', 'PostgreSQL'],
  ['@vercel/postgres', 'PostgreSQL'],
  ['@prisma/adapter-pg', 'PostgreSQL'],
  ['@mikro-orm/postgresql', 'PostgreSQL'],
  ['@sequelize/postgres', 'PostgreSQL'],
  ['@electric-sql/pglite', 'PostgreSQL'],
  ['mysql2', 'MySQL'],
  ['mysql', 'MySQL'],
  ['@mikro-orm/mysql', 'MySQL'],
  ['mariadb', 'MariaDB'],
  ['mongodb', 'MongoDB'],
  ['mongoose', 'MongoDB'],
  ['mssql', 'SQL Server'],
  ['better-sqlite3', 'SQLite'],
  ['sqlite3', 'SQLite'],
];

/** By the configuration of Prisma or Drizzle, which name it outright, else by the drivers. */
export function detectDatabase(
  root: string,
  dependencies: Pick<ReadonlySet<string>, 'has'>,
): DetectedDatabase | undefined {
  const sources: readonly (readonly [file: string, told: RegExp])[] = [
    ...prismaSchemas(root).map(
      (file) => [file, /\bdatasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*"(\w+)"/] as const,
    ),
    ...['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs'].map(
      (file) => [file, /\bdialect['"]?\s*:\s*['"](\w+)['"]/] as const,
    ),
  ];
  for (const [file, told] of sources) {
    if (!existsSync(join(root, file))) continue;
    const name = NAMES[told.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? ''];
    if (name !== undefined) return { name, from: file };
  }
  const driver = DRIVERS.find(([each]) => dependencies.has(each));
  return driver === undefined ? undefined : { name: driver[1], from: `${driver[0]} in package.json` };
}

/** As the settings of Sequelize, TypeORM and Knex name them. */
const DIALECTS: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  sqlite3: 'SQLite',
  'better-sqlite3': 'SQLite',
  sqljs: 'SQLite',
  mysql: 'MySQL',
  mysql2: 'MySQL',
  mariadb: 'MariaDB',
  mssql: 'SQL Server',
};

/** Another database that the sources name as what an ORM may be run on, which shows only when it runs. */
export function findOtherDialect(project: Project): DetectedDatabase | undefined {
  const setting = /\b(?:dialect|client|type)['"]?\s*:\s*['"]([\w-]+)['"]/g;
  for (const file of project.files) {
    const text = project.text(file);
    if (!/sqlite|mysql|mariadb|mssql|sqljs/.test(text)) continue;
    for (const [, dialect = ''] of text.matchAll(setting)) {
      const name = Object.hasOwn(DIALECTS, dialect) ? DIALECTS[dialect] : undefined;
      if (name !== undefined) return { name, from: project.relativePath(file) };
    }
  }
  return undefined;
}

/** The name of one that is not PostgreSQL. */
export function otherDatabase(database: DetectedDatabase | undefined): string | undefined {
  return database?.name === 'PostgreSQL' ? undefined : database?.name;
}

/** What somebody has to know whose data is elsewhere: no transaction spans two databases. */
export function otherDatabaseWarning(database: DetectedDatabase | undefined): string | undefined {
  if (database === undefined || otherDatabase(database) === undefined) return undefined;
  return `${database.name} found (${database.from}), but the event log is kept in PostgreSQL, in the transaction of each change`;
}

function prismaSchemas(root: string): string[] {
  const folder = join(root, 'prisma/schema');
  const split = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.prisma'))
        .sort()
    : [];
  return ['prisma/schema.prisma', 'schema.prisma', ...split.map((name) => `prisma/schema/${name}`)];
}
