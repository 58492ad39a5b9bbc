import drizzle from './drizzle.ts';
import knex from './knex.ts';
import kysely from './kysely.ts';
import mikroOrm from './mikro-orm.ts';
import objection from './objection.ts';
import type { Orm } from './orm.ts';
import pg from './pg.ts';
import postgresJs from './postgres-js.ts';
import prisma from './prisma.ts';
import sequelize from './sequelize.ts';
import typeorm from './typeorm.ts';

/** By the names of `src/stores`; the more specific first. */
const ORMS: Readonly<Record<string, readonly Orm[]>> = {
  prisma: [prisma],
  drizzle: [drizzle],
  typeorm: [typeorm],
  'mikro-orm': [mikroOrm],
  sequelize: [sequelize],
  kysely: [kysely],
  knex: [objection, knex],
  'postgres-js': [postgresJs],
};

/** The ORMs whose calls a project with a store may make; every store takes the clients of `pg` too. */
export function ormsOf(store: string): readonly Orm[] {
  return [...(ORMS[store] ?? []), pg];
}
