import { nameMigrations } from './names.ts';
import type { MigrationFormat } from './format.ts';

/** Plain files, for psql and for tools that run such files: dbmate, node-pg-migrate, Flyway … */
export const sql: MigrationFormat = {
  folders: [
    'migrations',
    'db/migrations',
    'database/migrations',
    'sql/migrations',
    'src/migrations',
    'src/db/migrations',
    'src/database/migrations',
  ],
  isSql: true,
  isMigration: /(?<!\.down)\.sql$/,
  name: (topics, { names, now }) => nameMigrations(names, topics, now),
  content({ up }, _, { newest }) {
    // dbmate and node-pg-migrate mark the half that goes up.
    const mark = /^-- (?:migrate:up|Up Migration).*$/m.exec(newest)?.[0];
    return mark === undefined ? up : `${mark}\n${up}`;
  },
};
