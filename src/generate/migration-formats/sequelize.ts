// https://sequelize.org/docs/v6/other-topics/migrations/
import { templateLiteral, timestampedNames, type MigrationFormat } from './format.ts';

/** For sequelize-cli, which takes CommonJS, or for Umzug where the newest migration is one of Umzug's. */
export const sequelize: MigrationFormat = {
  folders: ['migrations', 'src/migrations', 'db/migrations', 'src/db/migrations', 'src/database/migrations'],
  isSql: false,
  isMigration: /^[\d.T]+[-_.].*(?<!\.d)\.[cm]?[jt]s$/,
  name(topics, context) {
    const { names, moduleFormat } = context;
    const usual = moduleFormat === 'esm' ? '.cjs' : '.js';
    const ending = /\.[cm]?[jt]s$/.exec(names.at(-1) ?? '')?.[0] ?? usual;
    return timestampedNames(topics, context, '-', ending);
  },
  content({ up, down }, _, { newest }) {
    const type = '{ sequelize: { query(sql: string): Promise<unknown> } }';
    const parameter = /\bcontext\b/.test(newest)
      ? `{ context: queryInterface }: { context: ${type} }`
      : `queryInterface: ${type}`;
    const run = (sql: string): string => `  await queryInterface.sequelize.query(${templateLiteral(sql)});`;
    return `\
export async function up(${parameter}): Promise<void> {
${run(up)}
}

export async function down(${parameter}): Promise<void> {
${run(down)}
}
`;
  },
  tool: { package: 'sequelize-cli', name: 'sequelize-cli', arguments: 'db:migrate' },
};
