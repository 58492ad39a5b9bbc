/** Data access packages, the more specific first: a project with Prisma may also list `pg`. */
const ORMS: readonly (readonly [string, string])[] = [
  ['@prisma/client', 'prisma'],
  ['prisma', 'prisma'],
  ['drizzle-orm', 'drizzle'],
  ['typeorm', 'typeorm'],
  ['@mikro-orm/core', 'mikro-orm'],
  ['sequelize', 'sequelize'],
  ['sequelize-typescript', 'sequelize'],
  ['mongoose', 'mongoose'],
  ['objection', 'objection'],
  ['kysely', 'kysely'],
  ['knex', 'knex'],
  ['mongodb', 'mongodb'],
  ['pg', 'pg'],
  ['postgres', 'postgres.js'],
  ['mysql2', 'mysql2'],
  ['better-sqlite3', 'better-sqlite3'],
];

/** The ORM or driver that a package.json's dependencies name, or null. */
export function detectOrm(dependencies: ReadonlySet<string>): string | null {
  return ORMS.find(([name]) => dependencies.has(name))?.[1] ?? null;
}
