// https://knexjs.org/guide/migrations.html
import { endingOf, templateLiteral, timestampedNames, type MigrationFormat } from './format.ts';

export const knex: MigrationFormat = {
  folders: ['migrations', 'src/migrations', 'db/migrations', 'src/db/migrations', 'src/database/migrations'],
  configuration: { file: /^knexfile\.\w+$/, folder: /\bdirectory:\s*['"]([^'"]+)/ },
  isSql: false,
  isMigration: /^\d+_.*(?<!\.d)\.[cm]?[jt]s$/,
  name: (topics, context) => timestampedNames(topics, context, '_', endingOf(context.names)),
  content({ up, down }) {
    const run = (sql: string): string => `  await knex.raw(${templateLiteral(withoutPlaceholders(sql))});`;
    return `\
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
${run(up)}
}

export async function down(knex: Knex): Promise<void> {
${run(down)}
}
`;
  },
  tool: { package: 'knex', name: 'knex', arguments: 'migrate:latest' },
};

/** Knex takes a question mark for a placeholder, in comments and strings too. */
export function withoutPlaceholders(sql: string): string {
  return sql.replaceAll('?', '\\?');
}
