// https://kysely.dev/docs/migrations
import { endingOf, templateLiteral, timestampedNames, type MigrationFormat } from './format.ts';

export const kysely: MigrationFormat = {
  folders: ['migrations', 'src/migrations', 'db/migrations', 'src/db/migrations', 'src/database/migrations'],
  configuration: { file: /^kysely\.config\.\w+$/, folder: /\bmigrationFolder:\s*['"]([^'"]+)/ },
  isSql: false,
  isMigration: /^\w.*(?<!\.d)\.[cm]?[jt]s$/,
  name: (topics, context) => timestampedNames(topics, context, '_', endingOf(context.names)),
  content({ up, down }) {
    const run = (script: string): string => `  await sql.raw(${templateLiteral(script)}).execute(db);`;
    return `\
import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
${run(up)}
}

export async function down(db: Kysely<unknown>): Promise<void> {
${run(down)}
}
`;
  },
  tool: { package: 'kysely-ctl', name: 'kysely', arguments: 'migrate:latest' },
};
