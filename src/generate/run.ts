import { existsSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { loadCatalog } from '../catalog/load.ts';
import { CATALOG_FILE } from '../catalog/paths.ts';
import { readTextIfPresent } from '../config/json-file.ts';
import { loadConfig } from '../config/load.ts';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';
import { shellWord } from '../ui/shell-word.ts';
import type { Terminal } from '../ui/terminal.ts';
import { apiPackages, refuseMonorepoRoot } from './api-packages.ts';
import { apply } from './apply.ts';
import { createBaseFinder } from './base.ts';
import { isWrite, needsHand, type Change } from './change.ts';
import { appFiles } from './emit-app.ts';
import { browserClientFiles } from './emit-browser-client.ts';
import { contractFiles } from './emit-contract.ts';
import { journalChange, migrationFiles, type MigrationInput } from './emit-migrations.ts';
import { routePaths } from './emit-routes.ts';
import { otherDatabaseWarning } from './detect-database.ts';
import { createEmission } from './emission.ts';
import { emittedEventTypes, type EmittedEventType } from './event-types.ts';
import { alone, uninterrupted } from './exclusive.ts';
import { createLinter } from './eslint.ts';
import { createFormatter } from './format.ts';
import { lintCommentIn } from './header.ts';
import { KERNEL_FIXES } from './kernel-fixes.ts';
import { emittedPath, inLanguage } from './language.ts';
import { migrationSources } from './kernel-files.ts';
import { lintConfigFiles } from './emit-lint-config.ts';
import { kernelState, refuseOlder } from './kernel-version.ts';
import { basePath, manifestPath, parseManifest, readManifest, type Manifest } from './manifest.ts';
import { nextSteps } from './next-steps.ts';
import { plan, type WantedFile } from './plan.ts';
import { prepare, withFormattedManifest } from './prepare.ts';
import { outputFolder } from './output-folder.ts';
import { checkFolder, readProject, type ProjectFacts } from './project.ts';
import { jsonReport, printDiff, printReport, type GenerateReport } from './report.ts';
import { refuseTakenOutput } from './taken-output.ts';
import { oldTypeScriptWarning } from './typescript-version.ts';
import { untypedStoreWarning } from './untyped-store.ts';
import { acceptEdits, type EditQuestions } from './accept-edits.ts';
import { planWire, without } from './wire.ts';

export interface GenerateOptions {
  readonly dir: string;
  /** Write nothing. */
  readonly isDry: boolean;
  /** Exit 1 when there is anything to write. */
  readonly check: boolean;
  readonly diff: boolean;
  readonly json: boolean;
  readonly force: boolean;
  readonly wire: boolean;
  /** With `wire`: handlers too whose writes are not atomic. */
  readonly wireAll: boolean;
  /** With `wire`: calls go whose event is gone from the catalog. */
  readonly unwire: boolean;
  readonly allowDirty: boolean;
  /** With `wire`: no question before a file is edited. */
  readonly yes: boolean;
}

/** Runs `evtgen generate`: gathers what is there, plans, then prints or applies the plan. */
export async function runGenerate(options: GenerateOptions, terminal: Terminal): Promise<ExitCode> {
  const root = resolve(terminal.cwd, options.dir);
  checkFolder(root);
  refuseRootOfOthers(root, options.dir, terminal);
  return options.isDry
    ? generate(root, options, terminal)
    : alone(root, () => generate(root, options, terminal));
}

/** At the root of a monorepo that has no catalog, somebody means one of its packages. */
function refuseRootOfOthers(root: string, dir: string, terminal: Terminal): void {
  if (existsSync(join(root, CATALOG_FILE))) return;
  const packages = apiPackages(dir, terminal);
  if (packages !== undefined) refuseMonorepoRoot(packages, 'generate', dir);
}

async function generate(root: string, options: GenerateOptions, terminal: Terminal): Promise<ExitCode> {
  const isAsked = options.wire && terminal.isInteractive && !options.isDry && !options.yes && !options.json;
  const { manifest, version, ...generation } = await planGeneration(root, options, async (changes, edits) =>
    isAsked ? acceptEdits(changes, { ...edits, commands: commandsOf(options) }, terminal) : changes,
  );
  const { changes } = generation;
  const isInterrupted = !options.isDry && (await uninterrupted(() => apply(root, changes)));
  const report: GenerateReport = {
    ...generation,
    kernel: kernelState(options.isDry ? manifest : writtenManifest(changes), version, KERNEL_FIXES),
    dir: options.dir,
    isApplied: !options.isDry,
  };
  print(report, options, terminal);
  return isInterrupted ? ExitCode.interrupted : exitCode(changes, options.check);
}

/** The command lines that edit every file, and none, without a question. */
function commandsOf(options: GenerateOptions): EditQuestions['commands'] {
  const { dir, wireAll, unwire, allowDirty, force } = options;
  const none = ['evtgen generate', ...(dir === '.' ? [] : [shellWord(dir)]), ...(force ? ['--force'] : [])];
  const wire = [
    wireAll ? '--wire=all' : '--wire',
    unwire && '--unwire',
    allowDirty && '--allow-dirty',
    '--yes',
  ];
  return { all: [...none, ...wire.filter((flag) => flag !== false)].join(' '), none: none.join(' ') };
}

/** What is to be done to a project, and what it was before. */
export interface Generation extends Pick<GenerateReport, 'changes' | 'warnings' | 'wiring' | 'nextSteps'> {
  readonly manifest: Manifest;
  /** Of this evtgen. */
  readonly version: string;
}

/**
 * Reads a project and its catalog and plans what `generate` does to them; writes nothing.
 *
 * @param review takes out what is not to be done.
 * @throws EvtgenError where there is no catalog, a broken one, or a project that is not supported.
 */
export async function planGeneration(
  root: string,
  options: Pick<GenerateOptions, 'dir' | 'check' | 'force' | 'wire' | 'wireAll' | 'unwire' | 'allowDirty'>,
  review: (changes: readonly Change[], edits: Omit<EditQuestions, 'commands'>) => Promise<readonly Change[]>,
): Promise<Generation> {
  const config = loadConfig(root);
  const output = outputFolder(root, config);
  const manifest = readManifest(root, output);
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  refuseOlder(manifest, version);
  const found = readProject(
    root,
    config,
    output,
    (path) => manifest.has(path) || path.startsWith(`${output}/`),
  );
  const linter = createLinter(root, found.dependencies);
  const kernel = emittedPath(found.dialect, `${output}/kernel/emit.ts`);
  const outside = emittedPath(found.dialect, posix.join(posix.dirname(output), 'probe.ts'));
  const lint = options.check ? undefined : await linter?.settingsFor(kernel, outside);
  // Where nobody is to ask ESLint, as it said when the files were written.
  const written = (): string | undefined => lintCommentIn(readTextIfPresent(resolve(root, kernel)) ?? '');
  const lintComment = lint === undefined ? written() : (lint.comment ?? undefined);
  const facts: ProjectFacts = { ...found, dialect: { ...found.dialect, lintComment } };
  const catalog = loadCatalog(root, options.dir);
  const eventTypes = emittedEventTypes(catalog);
  if (eventTypes.length === 0) {
    throw new EvtgenError(
      'no_event_types',
      'events/catalog.json has no event types, so there is nothing to write',
      {
        hint: 'give a mutation an event in it, or run "evtgen scan --write"',
      },
    );
  }

  const routes = routePaths(facts, manifest);
  const { dialect, testRunner } = facts;
  const sources = migrationSources();
  if (facts.hasInbox === false) sources.delete('0006-inbox.sql');
  const migrationInput = {
    sources,
    migrations: facts.migrations,
    manifest,
    dialect,
    version,
    now: new Date(),
  };
  const wanted = [
    ...inLanguage(wantedFiles(facts, eventTypes, migrationInput, routes, version), dialect, testRunner),
    ...inLanguage(
      browserClientFiles(config.browserClient, dialect, version),
      { ...dialect, moduleFormat: 'esm' },
      testRunner,
    ),
    ...lintConfigFiles(output, dialect, lint?.folderConfig ?? null),
  ];
  const wiring = options.wire
    ? await planWire(facts, config, catalog, routes[0], wanted, {
        allowDirty: options.allowDirty,
        isAll: options.wireAll,
        isUnwiring: options.unwire,
      })
    : undefined;
  const journal = journalChange(root, migrationInput);
  const formatter = createFormatter(root, config.formatter);
  const input = {
    wanted,
    manifest,
    manifestPath: manifestPath(output),
    disk: readDisk(root, wanted, manifest, manifestPath(output)),
    version,
    force: options.force,
    edits: [...(journal === undefined ? [] : [journal]), ...(wiring?.changes ?? [])],
  };
  refuseTakenOutput(output, input);
  const wired = new Set(wiring?.changes.map(({ path }) => path));
  const planned = plan(await prepare(input, formatter, createBaseFinder(root), linter));
  const reviewed = await review(planned, { wired, needed: wiring?.needed ?? new Map() });
  const changes = await withFormattedManifest(reviewed, formatter);
  const warnings = [
    otherDatabaseWarning(facts.databaseServer),
    dialect.fileEnding === '.ts' ? oldTypeScriptWarning(root) : undefined,
    options.wire ? untypedStoreWarning(facts) : undefined,
    ...formatter.warnings,
  ];
  return {
    changes,
    manifest,
    version,
    warnings: warnings.filter((warning) => warning !== undefined),
    wiring: wiring && without(wiring, changes),
    nextSteps: nextSteps(facts, {
      eventTypes,
      changes,
      routeFile: routes[0],
      isMounted: wiring?.isMounted ?? facts.isMounted,
      isWired: options.wire,
      testsWithoutEmitter: wiring?.testsWithoutEmitter ?? [],
      testsWithoutTransaction: wiring?.testsWithoutTransaction ?? [],
      dir: options.dir,
    }),
  };
}

function wantedFiles(
  facts: ProjectFacts,
  eventTypes: readonly EmittedEventType[],
  migrationInput: MigrationInput,
  routes: readonly string[],
  version: string,
): WantedFile[] {
  const emission = createEmission(facts.output, facts.dialect, version);
  const migrations = migrationFiles(migrationInput);
  if (facts.receiver !== undefined) emission.include(facts.receiver.file);
  if (facts.hasInbox) emission.include('stores/postgres/inbox.ts');
  if (facts.store.id === 'pg') emission.include('stores/in-transaction.ts');
  const files = [
    ...contractFiles(eventTypes, emission),
    ...appFiles(facts, eventTypes, migrations, routes, emission),
    ...migrations,
  ];
  return [...emission.kernel(), ...files];
}

function print(report: GenerateReport, options: GenerateOptions, terminal: Terminal): void {
  for (const warning of report.warnings) terminal.note(`warning: ${warning}`);
  if (options.json) terminal.result(jsonReport(report, options.diff));
  else if (options.diff) printDiff(report.changes, terminal);
  else printReport(report, options.check, terminal);
}

function exitCode(changes: readonly Change[], check: boolean): ExitCode {
  const isFinding = changes.some((change) => needsHand(change) || (check && isWrite(change)));
  return isFinding ? ExitCode.findings : ExitCode.done;
}

function writtenManifest(changes: readonly Change[]): Manifest {
  const written = changes.at(-1);
  return parseManifest(written?.path ?? '', written?.after ?? '');
}

function readDisk(
  root: string,
  wanted: readonly WantedFile[],
  manifest: Manifest,
  manifestFile: string,
): Map<string, string> {
  const files = [...wanted.map(({ path }) => path), ...manifest.keys()];
  const disk = new Map<string, string>();
  for (const path of [...files, ...files.map((file) => basePath(manifestFile, file)), manifestFile]) {
    const text = readTextIfPresent(resolve(root, path));
    if (text !== undefined) disk.set(path, text);
  }
  return disk;
}
