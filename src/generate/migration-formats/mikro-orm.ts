// https://mikro-orm.io/docs/migrations
import { endingOf, templateLiteral, type MigrationFormat } from './format.ts';
import { withoutPlaceholders } from './knex.ts';

export const mikroOrm: MigrationFormat = {
  folders: ['src/migrations', 'migrations', 'src/database/migrations', 'src/db/migrations', 'db/migrations'],
  configuration: { file: /^mikro-orm\.config\.ts$/, folder: /\bpathTs:\s*['"]([^'"]+)/ },
  isSql: false,
  isMigration: /^Migration\d{14}\w*(?<!\.d)\.[cm]?[jt]s$/,
  name(topics, { names, now }) {
    const stamp = BigInt(now.toISOString().replaceAll(/\D/g, '').slice(0, 14));
    const last = names.map((name) => BigInt(name.slice(9, 23)) + 1n);
    const first = last.reduce((newest, each) => (each > newest ? each : newest), stamp);
    return topics.map(
      (topic, index) => `Migration${first + BigInt(index)}_${topic.replaceAll('-', '_')}${endingOf(names)}`,
    );
  },
  content({ up, down }, path) {
    const name = path.replace(/\.\w+$/, '');
    const run = (sql: string): string => `    this.addSql(${templateLiteral(withoutPlaceholders(sql))});`;
    return `\
import { Migration } from '@mikro-orm/migrations';

export class ${name} extends Migration {
  override async up(): Promise<void> {
${run(up)}
  }

  override async down(): Promise<void> {
${run(down)}
  }
}
`;
  },
  tool: { package: '@mikro-orm/cli', name: 'mikro-orm', arguments: 'migration:up' },
  caution:
    "Put schemaGenerator: { ignoreSchema: ['evtgen'] } into the configuration of MikroORM: without it schema:update, " +
    'and migration:create where there is no snapshot, would drop the event log, which no entity names.',
};
