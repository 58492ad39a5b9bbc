// https://typeorm.io/docs/migrations/why
import { className, endingOf, templateLiteral, type MigrationFormat } from './format.ts';

export const typeorm: MigrationFormat = {
  folders: [
    'src/migrations',
    'src/migration',
    'migrations',
    'src/database/migrations',
    'src/db/migrations',
    'db/migrations',
  ],
  isSql: false,
  isMigration: /^\d{13}-.*(?<!\.d)\.[cm]?[jt]s$/,
  name(topics, { names, now }) {
    const newest = Math.max(now.getTime(), ...names.map((name) => Number(name.slice(0, 13)) + 1));
    return topics.map((topic, index) => `${newest + index}-${className(topic)}${endingOf(names)}`);
  },
  content({ topic, up, down }, path) {
    // TypeORM sorts by the number at the end of the name.
    const name = `${className(topic)}${path.slice(0, 13)}`;
    const run = (sql: string): string => `    await queryRunner.query(${templateLiteral(sql)});`;
    return `\
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${name} implements MigrationInterface {
  name = '${name}';

  async up(queryRunner: QueryRunner): Promise<void> {
${run(up)}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
${run(down)}
  }
}
`;
  },
  tool: { package: 'typeorm', name: 'typeorm', arguments: 'migration:run -d <your data source>' },
};
