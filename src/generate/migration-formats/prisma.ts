// https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories
import { timestampedNames, type MigrationFormat } from './format.ts';

export const prisma: MigrationFormat = {
  folders: ['prisma/migrations', 'src/prisma/migrations', 'db/migrations'],
  configuration: { file: /^prisma\.config\.\w+$/, folder: /\bmigrations:\s*\{\s*path:\s*['"]([^'"]+)/ },
  isSql: true,
  isMigration: /^\d{14}_\w+$/,
  name: (topics, context) =>
    timestampedNames(topics, { ...context, names: context.names.map((name) => `${name}.sql`) }, '_', '').map(
      (name) => `${name}/migration.sql`,
    ),
  content: ({ up }) => up,
  tool: { package: 'prisma', name: 'prisma', arguments: 'migrate deploy' },
};
