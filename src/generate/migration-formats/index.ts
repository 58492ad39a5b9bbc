import { drizzle } from './drizzle.ts';
import type { MigrationFormat } from './format.ts';
import { knex } from './knex.ts';
import { kysely } from './kysely.ts';
import { mikroOrm } from './mikro-orm.ts';
import { prisma } from './prisma.ts';
import { sequelize } from './sequelize.ts';
import { sql } from './sql.ts';
import { typeorm } from './typeorm.ts';

export const migrationFormats = {
  sql,
  prisma,
  drizzle,
  knex,
  typeorm,
  sequelize,
  'mikro-orm': mikroOrm,
  kysely,
} as const satisfies Readonly<Record<string, MigrationFormat>>;

export type MigrationFormatId = keyof typeof migrationFormats;
