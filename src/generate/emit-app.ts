import { posix } from 'node:path';
import { storeData, storePart } from './emit-store.ts';
import type { Emission } from './emission.ts';
import { routeFiles } from './emit-routes.ts';
import type { EmittedEventType } from './event-types.ts';
import { migrationSources } from './kernel-files.ts';
import { testFormat } from './language.ts';
import type { WantedFile } from './plan.ts';
import type { ProjectFacts } from './project.ts';
import { sampleOf } from '../samples/sample.ts';

/** What a project gets beside the contract: settings, wiring, worker, routes and tests. */
export function appFiles(
  facts: ProjectFacts,
  eventTypes: readonly EmittedEventType[],
  migrations: readonly WantedFile[],
  routes: readonly string[],
  emission: Emission,
): WantedFile[] {
  const { inOutput, render } = emission;
  const setup = inOutput('setup.ts');
  return [
    render('C', setup, 'events/setup.hbs', setupData(facts, setup)),
    render('B', inOutput('create-events.ts'), 'events/create-events.hbs', {
      transport: facts.transport,
      ...storeData(facts.store),
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
    `{ createEvents, type Events } from '#events/create-events.ts'`,
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

/** Code for a place inside the settings. */
function indented(code: string): string {
  return code.replaceAll('\n', '\n  ');
}

function byModule(left: string, right: string): number {
  const moduleOf = (clause: string): string => clause.slice(clause.indexOf(` from '`));
  return moduleOf(left) < moduleOf(right) ? -1 : 1;
}

/** Tests of the emitted code on an embedded database, in the project's runner. */
function testFiles(
  facts: ProjectFacts,
  eventTypes: readonly EmittedEventType[],
  migrations: readonly WantedFile[],
  { render, dialect }: Emission,
): WantedFile[] {
  const samples = eventTypes.map((entry) => ({
    eventType: entry.eventType,
    sample: indentedJson(sampleOf(entry.schema, entry)),
  }));
  const { testsFolder } = facts;
  const tables = tablesFiles(testsFolder, migrations);
  // Webhooks and streams see public events only; without one there is no more to test than the schemas.
  const subject = eventTypes.find(({ audience }) => audience === 'public') ?? eventTypes[0];
  const format = dialect.fileEnding === '.ts' ? dialect.moduleFormat : testFormat(dialect, facts.testRunner);
  const data = {
    runner: facts.testRunner === 'jest' ? '@jest/globals' : 'vitest',
    isEsm: format === 'esm',
    isCjs: format === 'cjs',
    migrations: (tables ?? migrations).map(({ path }) => posix.relative(testsFolder, path)),
    samples,
    eventType: subject?.eventType,
    isPublic: subject?.audience === 'public',
  };
  const live = data.isPublic ? ['call', 'receiver', 'support', 'delivery.test', 'stream.test'] : [];
  const isOwnConfig = facts.testRunner === 'vitest' && facts.isVitestConfigured;
  const names = ['samples', 'schemas.test', ...live, ...(isOwnConfig ? ['vitest.config'] : [])];
  return [
    ...(data.isPublic ? (tables ?? []) : []),
    ...names.map((name) => render('B', `${testsFolder}/${name}.ts`, `tests/${name}.hbs`, data)),
  ];
}

/** What the migrations do, as SQL, where they are not: the database of the tests takes nothing else. */
function tablesFiles(folder: string, migrations: readonly WantedFile[]): WantedFile[] | undefined {
  if (migrations.every(({ path }) => path.endsWith('.sql'))) return undefined;
  const sources = migrationSources();
  const scripts = migrations.map(({ source }) => sources.get(posix.basename(source))?.up ?? '');
  const note = '-- The tables of the event log, as the migrations make them.\n';
  const content = [note, ...scripts].join('\n');
  return [{ path: `${folder}/tables.sql`, owner: 'B', source: 'templates/sql', content }];
}

function indentedJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
}
