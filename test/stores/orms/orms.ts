import type { OpenedOrm, Shop } from './shop.ts';

/** Loaded when they are opened: without `npm install` in this folder there is nothing to load. */
export const orms: Readonly<Record<string, (shop: Shop) => Promise<OpenedOrm>>> = {
  Prisma: async (shop) => (await import('./prisma.ts')).openPrisma(shop),
  Drizzle: async (shop) => (await import('./drizzle.ts')).openDrizzle(shop),
  'Drizzle on postgres.js': async (shop) => (await import('./drizzle.ts')).openDrizzlePostgresJs(shop),
  TypeORM: async (shop) => (await import('./typeorm.ts')).openTypeOrm(shop),
  'a query runner of TypeORM': async (shop) => (await import('./typeorm.ts')).openTypeOrmQueryRunner(shop),
  MikroORM: async (shop) => (await import('./mikro-orm.ts')).openMikroOrm(shop),
  Sequelize: async (shop) => (await import('./sequelize.ts')).openSequelize(shop),
  Objection: async (shop) => (await import('./objection.ts')).openObjection(shop),
  Kysely: async (shop) => (await import('./kysely.ts')).openKysely(shop),
  'a controlled transaction of Kysely': async (shop) =>
    (await import('./kysely.ts')).openKyselyControlled(shop),
  Knex: async (shop) => (await import('./knex.ts')).openKnex(shop),
  'postgres.js': async (shop) => (await import('./postgres-js.ts')).openPostgresJs(shop),
};
