import { posix } from 'node:path';
import { relativeModule } from './dialect.ts';
import type { Emission } from './emission.ts';
import { routeFiles } from './emit-routes.ts';
import type { EmittedEventType } from './event-types.ts';
import type { PoolExport } from './find-anchors.ts';
import { testFormat } from './language.ts';
import type { WantedFile } from './plan.ts';
import type { ProjectFacts } from './project.ts';
import type { SetupPart } from './setup-part.ts';
import { sampleOf } from './sample.ts';

const TESTS_FOLDER = 'tests/events';

/** What a project gets beside the contract: settings, wiring, worker, routes and tests. */
export function appFiles(
  facts: ProjectFacts,
  eventTypes: readonly EmittedEventType[],
  migrations: readonly string[],
  routes: readonly string[],
  emission: Emission,
): WantedFile[] {
  const { inOutput, render } = emission;
  const setup = inOutput('setup.ts');
  return [
    render('C', setup, 'events/setup.hbs', setupData(facts, setup)),
    render('B', inOutput('create-events.ts'), 'events/create-events.hbs', {
      transport: facts.transport,
    }),
    render('B', inOutput('worker.ts'), 'events/worker.hbs', {}),
    ...routeFiles(facts, routes, emission),
    ...testFiles(facts, eventTypes, migrations, emission),
  ];
}

function setupData(facts: ProjectFacts, setup: string): Record<string, unknown> {
  const { broker, metrics, source, basePath, framework } = facts;
  const store = storePart(facts, setup);
  const parts = [store, broker?.setup, metrics?.setup].filter((part) => part !== undefined);
  const imports = [
    ...parts.flatMap((part) => part.imports),
    `{ createEvents } from '#events/create-events.ts'`,
    `{ settingsOf } from '#events/kernel/environment.ts'`,
    ...(framework.isBundled === true ? [`{ oncePerProcess } from '#events/kernel/once-per-process.ts'`] : []),
  ];
  const isOwn = (clause: string): boolean => clause.includes(`from '#events/`);
  return {
    imports: [...imports.filter((clause) => !isOwn(clause)), ...imports.filter(isOwn).sort(byModule)],
    statements: parts.map((part) => part.statements).filter((text) => text !== undefined),
    sql: indented(store.settings),
    source: source.replaceAll(/[\\']/g, '\\$&'),
    open: framework.isBundled === true ? 'oncePerProcess(() => createEvents({' : 'createEvents({',
    close: framework.isBundled === true ? '}))' : '})',
    basePath: basePath === '' ? undefined : basePath,
    settings: [framework.setup?.settings, broker?.setup.settings, metrics?.setup.settings]
      .filter((text) => text !== undefined)
      .map(indented),
  };
}

function storePart(
  { pool, dialect }: ProjectFacts,
  setup: string,
): SetupPart & { readonly settings: string } {
  const pgSqlImport = `{ pgSql } from '#events/stores/pg.ts'`;
  if (pool !== undefined) {
    return {
      imports: [projectPool(pool, setup), pgSqlImport],
      settings: `\
// With a client for a connection that listens, events of other processes are seen at once, not within 100 ms:
// pgSql(${pool.name}, { createListeningClient: () => new pg.Client(…the settings of ${pool.name}) })
sql: pgSql(${pool.name}),`,
    };
  }
  // The named export of pg's ES module wrapper is too young to rely on; CommonJS always had it.
  const own =
    dialect.moduleFormat === 'esm'
      ? { clause: 'pg', pool: 'pg.Pool', client: 'pg.Client' }
      : { clause: '{ Client, Pool }', pool: 'Pool', client: 'Client' };
  return {
    imports: [`${own.clause} from 'pg'`, pgSqlImport],
    statements: `\
const database = { connectionString: process.env['DATABASE_URL'] };
const pool = new ${own.pool}(database);

// An idle connection that the server drops must not take the process with it.
pool.on('error', (error) => console.error('idle database connection failed:', error.message));`,
    settings: `\
// The client is for a connection that listens, so that events of other processes are seen at once.
sql: pgSql(pool, { createListeningClient: () => new ${own.client}(database) }),`,
  };
}

/** Code for a place inside the settings. */
function indented(code: string): string {
  return code.replaceAll('\n', '\n  ');
}

function byModule(left: string, right: string): number {
  const moduleOf = (clause: string): string => clause.slice(clause.indexOf(` from '`));
  return moduleOf(left) < moduleOf(right) ? -1 : 1;
}

function projectPool({ name, isDefault, file }: PoolExport, setup: string): string {
  return `${isDefault ? name : `{ ${name} }`} from '${relativeModule(setup, file)}'`;
}

/** Tests of the emitted code on an embedded database, in the project's runner. */
function testFiles(
  facts: ProjectFacts,
  eventTypes: readonly EmittedEventType[],
  migrations: readonly string[],
  { render, dialect }: Emission,
): WantedFile[] {
  const samples = eventTypes.map((entry) => ({
    eventType: entry.eventType,
    sample: indentedJson(sampleOf(entry.schema, entry.file)),
  }));
  // Webhooks and streams see public events only; without one there is no more to test than the schemas.
  const subject = eventTypes.find(({ audience }) => audience === 'public') ?? eventTypes[0];
  const format = dialect.fileEnding === '.ts' ? dialect.moduleFormat : testFormat(dialect, facts.testRunner);
  const data = {
    runner: facts.testRunner === 'jest' ? '@jest/globals' : 'vitest',
    isEsm: format === 'esm',
    isCjs: format === 'cjs',
    migrations: migrations.map((path) => posix.relative(TESTS_FOLDER, path)),
    samples,
    eventType: subject?.eventType,
    isPublic: subject?.audience === 'public',
  };
  const live = data.isPublic ? ['call', 'receiver', 'support', 'delivery.test', 'stream.test'] : [];
  const names = ['samples', 'schemas.test', ...live];
  return names.map((name) => render('B', `${TESTS_FOLDER}/${name}.ts`, `tests/${name}.hbs`, data));
}

function indentedJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
}
