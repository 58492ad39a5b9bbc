import { posix } from 'node:path';
import type { RouteStart } from '../routes/index.ts';
import { shellWord } from '../ui/shell-word.ts';
import type { Change } from './change.ts';
import { moduleSpecifier } from './dialect.ts';
import type { EmittedEventType } from './event-types.ts';
import { installStep } from './install-step.ts';
import { jestCommand } from './jest.ts';
import { emittedPath, importLine } from './language.ts';
import type { MigrationFormat } from './migration-formats/format.ts';
import { migrationFormats } from './migration-formats/index.ts';
import { callOf } from './program.ts';
import type { ProjectFacts } from './project.ts';
import { OUTPUT_ALIAS, rewriteSpecifiers } from './specifiers.ts';

/** What the steps are worded from, beside the project itself. */
export interface StepContext {
  readonly eventTypes: readonly EmittedEventType[];
  readonly changes: readonly Change[];
  /** The emitted route file. */
  readonly routeFile: string;
  /** `--wire` has mounted the routes, or found them mounted. */
  readonly isMounted: boolean;
  readonly isWired: boolean;
  /** Tests of the team that `--wire` gave something more to provide. */
  readonly testsWithoutEmitter: readonly string[];
  readonly testsWithoutTransaction: readonly string[];
  /** The project's folder as the user said it. */
  readonly dir: string;
}

/** A file below the output folder, by its name in TypeScript. */
function outputFile({ dialect, output }: ProjectFacts, path: string): string {
  return emittedPath(dialect, `${output}/${path}`);
}

/** What is left to a person, in order; nothing that is already done. */
export function nextSteps(facts: ProjectFacts, context: StepContext): string[] {
  const isFirstRun = context.changes.some(
    ({ path, kind }) => path === outputFile(facts, 'setup.ts') && kind === 'create',
  );
  const steps = [
    installStep(facts),
    migrationStep(facts, context.changes),
    context.isMounted ? undefined : mountStep(facts, context.routeFile),
    receiverStep(facts, context.changes),
    ...(isFirstRun ? [startStep(facts), testStep(facts, context.changes)] : []),
    injectedStep(facts, context),
    mockedStep(facts, context),
    ...goneSteps(facts, context),
    ...casterSteps(facts, context),
    ...(isFirstRun && !context.isWired ? [emitStep(facts, context.eventTypes)] : []),
  ];
  return steps.filter((step) => step !== undefined);
}

function migrationStep(facts: ProjectFacts, changes: readonly Change[]): string | undefined {
  const created = changes.filter(
    ({ path, owner, kind }) =>
      kind === 'create' && owner === 'C' && path.startsWith(`${facts.migrations.folder}/`),
  );
  if (created.length === 0) return undefined;
  const script = ['migrate', 'db:migrate', 'database:migrate', 'migrate:up', 'migration:run'].find((name) =>
    facts.scripts.has(name),
  );
  const command =
    script === undefined ? migrationCommand(facts, created) : `${facts.packageManager} run ${script}`;
  const { caution }: MigrationFormat = migrationFormats[facts.migrations.format];
  const lines = script === undefined ? linkedCommands(facts, created, command) : [command];
  return ['Migrate the database:', ...lines, ...(caution === undefined ? [] : [caution])].join('\n');
}

/** Where the migrations are run that another package keeps: those of the project are for it too. */
function linkedCommands(
  { linkedMigrations, migrations }: ProjectFacts,
  created: readonly Change[],
  command: string,
): string[] {
  const { tool, journal }: MigrationFormat = migrationFormats[migrations.format];
  // What has a journal is not there for being copied.
  if (linkedMigrations === undefined || tool === undefined || journal !== undefined) return [command];
  const depth = migrations.folder.split('/').length;
  const names = new Set(
    created.map(({ path }) =>
      path
        .split('/')
        .slice(0, depth + 1)
        .join('/'),
    ),
  );
  return [
    `cp -r ${[...names, linkedMigrations.folder].map((path) => shellWord(path)).join(' ')}`,
    `(cd ${shellWord(linkedMigrations.package)} && ${command})`,
  ];
}

function migrationCommand(
  { migrations, packageManager, dependencies, linkedMigrations }: ProjectFacts,
  created: readonly Change[],
): string {
  const { tool }: MigrationFormat = migrationFormats[migrations.format];
  if (tool !== undefined) {
    const isInstalled = (linkedMigrations?.dependencies ?? dependencies).has(tool.package);
    return `${callOf(tool, packageManager, isInstalled)} ${tool.arguments}`;
  }
  return `psql "$DATABASE_URL" ${created.map(({ path }) => `-f ${shellWord(path)}`).join(' ')}`;
}

function mountStep(facts: ProjectFacts, routeFile: string): string | undefined {
  const { mount } = facts.framework;
  if (mount === undefined) return undefined;
  const place = facts.mountPlace;
  const specifier = moduleSpecifier(facts.dialect, place?.file ?? mount.file, routeFile);
  const where =
    place === undefined ? 'where your routes are mounted' : `in ${place.file}, after line ${place.line}`;
  return (
    `Mount the routes, ${where}:\n` +
    `${importLine(facts.dialect, mount.name, specifier)}\n` +
    mount.statement.replace(/\bapp\b/, place?.app ?? 'app')
  );
}

function receiverStep(facts: ProjectFacts, changes: readonly Change[]): string | undefined {
  if (facts.receiver === undefined) return undefined;
  const file = outputFile(facts, facts.receiver.file);
  if (!changes.some(({ path, kind }) => path === file && kind === 'create')) return undefined;
  const specifier = moduleSpecifier(facts.dialect, facts.mountPlace?.file ?? 'src/app.ts', file);
  return (
    'Receive webhooks in a route that gets the bytes as they came:\n' +
    `${importLine(facts.dialect, 'webhookReceiver', specifier)}\n` +
    facts.receiver.mount
  );
}

function startStep(facts: ProjectFacts): string {
  const { start } = facts.framework;
  const server =
    start === undefined
      ? 'events.start() in your server and await events.stop() where it shuts down,\n'
      : `in ${startFile(facts, start)}\n${startCode(facts, start)}\n`;
  return (
    `Set EVTGEN_SECRET_KEY (openssl rand -base64 32), which seals the webhook secrets, and look through ` +
    `${outputFile(facts, 'setup.ts')}.\n${urlNote(facts)}Then start the background work: ${server}` +
    `or ${outputFile(facts, 'worker.ts')} as a process of its own.`
  );
}

/** Without it a driver takes whatever server it finds on this machine, and says nothing. */
function urlNote({ isUrlUnknown }: ProjectFacts): string {
  return isUrlUnknown
    ? 'It connects by DATABASE_URL, which nothing here names: set it, or give it the settings your code connects by.\n'
    : '';
}

/** What Next.js runs when it starts lies beside its app folder. */
function startFile({ appFolder, framework }: ProjectFacts, { file }: RouteStart): string {
  const isPlaced = framework.files.kind === 'placed' && framework.files.place === 'app';
  return isPlaced ? posix.join(posix.dirname(appFolder), file) : file;
}

function startCode(facts: ProjectFacts, start: RouteStart): string {
  return rewriteSpecifiers(start.code, (specifier) => {
    const target = `${facts.output}/${specifier.slice(OUTPUT_ALIAS.length)}`;
    return moduleSpecifier(facts.dialect, startFile(facts, start), target);
  });
}

function testStep(facts: ProjectFacts, changes: readonly Change[]): string {
  const { testsFolder: folder } = facts;
  const isConfig = /^vitest\.config\.\w+$/;
  const config = changes.find(
    ({ path }) => posix.dirname(path) === folder && isConfig.test(posix.basename(path)),
  )?.path;
  const vitest = callOf({ package: 'vitest', name: 'vitest' }, facts.packageManager, true);
  const command =
    facts.testRunner === 'jest'
      ? jestCommand(facts.root, folder, emittedPath(facts.dialect, '.ts').slice(1))
      : `${vitest} run ${shellWord(folder)}${config === undefined ? '' : ` --config ${config}`}`;
  return `Run the tests that came with it; they need no database:\n${command}`;
}

/** Event types that lose their code here: calls that emit them are errors from now on. */
function injectedStep(facts: ProjectFacts, { testsWithoutEmitter: tests }: StepContext): string | undefined {
  const [first] = tests;
  if (first === undefined) return undefined;
  const specifier = moduleSpecifier(facts.dialect, first, `${facts.output}/events.module.ts`);
  return (
    'Provide the emitter in the tests that make modules of classes which have it injected now:\n' +
    `${importLine(facts.dialect, 'Events', specifier)}\n` +
    `{ provide: Events, useValue: { emit: async () => undefined } }\n${tests.join('\n')}`
  );
}

/** What a transaction runs on in a test that has a client, or a repository, of its own. */
const RUN_ON: Readonly<Record<string, string>> = {
  prisma: '$transaction: (work) => work(prisma)',
  typeorm: 'manager: { transaction: (work) => work({ withRepository: (repository) => repository }) }',
};

function mockedStep(
  facts: ProjectFacts,
  { testsWithoutTransaction: tests }: StepContext,
): string | undefined {
  if (tests.length === 0) return undefined;
  const { dialect, output, framework, testRunner, store } = facts;
  const runner = testRunner === 'jest' ? 'jest' : 'vi';
  const specifiers = new Set(tests.map((test) => moduleSpecifier(dialect, test, `${output}/setup.ts`)));
  const mocks = [...specifiers].map(
    (setup) => `${runner}.mock('${setup}', () => ({ events: { emit: async () => undefined } }));`,
  );
  // In NestJS it is provided, of which another step tells.
  const lines = [RUN_ON[store.id] ?? '', ...(framework.id === 'nest' ? [] : mocks), ...tests];
  return `Let what these tests have in the place of the database run the transactions that writes are in now:\n${lines.join('\n')}`;
}

function goneSteps(facts: ProjectFacts, { changes, eventTypes, isWired, dir }: StepContext): string[] {
  const known = new Set(eventTypes.map(({ eventType }) => eventType));
  const gone = schemaChanges(facts, changes, 'delete')
    .map(({ eventType }) => eventType)
    .filter((eventType) => !known.has(eventType));
  if (gone.length === 0 || isWired) return [];
  const command = ['evtgen generate', ...(dir === '.' ? [] : [shellWord(dir)]), '--wire --unwire'].join(' ');
  return [`Take away what still emits ${[...new Set(gone)].join(', ')}:\n${command}`];
}

/** The team's own file is written once: what a version later needs in it is for the team to add. */
function casterSteps(facts: ProjectFacts, { changes, eventTypes }: StepContext): string[] {
  const isEvolved = (name: string): boolean =>
    eventTypes.some(({ eventType, older }) => eventType === name && older.length > 0);
  const added = schemaChanges(facts, changes, 'create').filter(
    ({ eventType, version }) => version > 1 && isEvolved(eventType),
  );
  if (added.length === 0) return [];
  const casters = added.map(
    ({ eventType, version }) => `'${eventType}': { v${version}ToV${version - 1}: (data) => … }`,
  );
  return [
    `Say in ${outputFile(facts, 'casters.ts')} how subscribers of older versions get the new ones:\n${casters.join('\n')}`,
  ];
}

function schemaChanges(
  facts: ProjectFacts,
  changes: readonly Change[],
  kind: Change['kind'],
): { readonly eventType: string; readonly version: number }[] {
  return changes.flatMap((change) => {
    if (change.kind !== kind || posix.dirname(change.path) !== `${facts.output}/schemas`) return [];
    const [, eventType, version] = /^(.+)\.v(\d+)(?:\.[cm]?[jt]s)$/.exec(posix.basename(change.path)) ?? [];
    return eventType === undefined || eventType.endsWith('.d')
      ? []
      : [{ eventType, version: Number(version) }];
  });
}

function emitStep(facts: ProjectFacts, eventTypes: readonly EmittedEventType[]): string | undefined {
  const [first] = eventTypes;
  if (first === undefined) return undefined;
  const name = first.eventType.split('.')[0] ?? 'data';
  const subject = first.subject === undefined ? '' : `subject: ${name}.${first.subject}, `;
  const emit = (client: string): string =>
    `await events.emit(${client}, '${first.eventType}', { ${subject}data: ${name} });`;
  const from = `\`events\` is in ${outputFile(facts, 'setup.ts')}`;
  const { example } = facts.store;
  if (example === undefined) {
    return (
      `Emit inside your transactions ("evtgen generate --wire" does the plain ones);\n${from}:\n` +
      emit('client')
    );
  }
  return (
    `Emit inside your transactions; ${from}:\n` +
    `await ${example.open}\n` +
    `  // … what the handler writes, through ${example.handle}\n` +
    `  ${emit(example.handle)}\n` +
    '});'
  );
}
