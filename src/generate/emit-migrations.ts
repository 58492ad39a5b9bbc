import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from '../scan/project.ts';
import type { Change } from './change.ts';
import type { Dialect } from './dialect.ts';
import { header } from './header.ts';
import type { MigrationSource } from './kernel-files.ts';
import type { Manifest } from './manifest.ts';
import type { MigrationContext, MigrationFormat } from './migration-formats/format.ts';
import { migrationFormats } from './migration-formats/index.ts';
import type { MigrationFolder } from './migrations.ts';
import type { WantedFile } from './plan.ts';

/** What the migrations depend on, beside evtgen itself. */
export interface MigrationInput {
  /** By name, e.g. `0001-event-log.sql`. */
  readonly sources: ReadonlyMap<string, MigrationSource>;
  readonly migrations: MigrationFolder;
  readonly manifest: Manifest;
  readonly dialect: Dialect;
  readonly version: string;
  readonly now: Date;
}

/**
 * evtgen's migrations in the format of the project's tool, under its next names. One that was written before keeps
 * its name: it may have run by then.
 */
export function migrationFiles(input: MigrationInput): WantedFile[] {
  const { sources, migrations, manifest, dialect, version } = input;
  const format: MigrationFormat = migrationFormats[migrations.format];
  const context = contextOf(input);
  const written = writtenPaths(manifest);
  const fresh = freshPaths(input);
  const note = `-- Written once by evtgen ${version}; run it with your other migrations.\n`;
  return [...sources].map(([name, { up, down }]) => {
    const path = fresh.get(name) ?? name;
    const text = format.content(
      { topic: topicOf(name), up: format.isSql ? note + up : up, down },
      path,
      context,
    );
    return {
      path: written.get(sourceOf(name)) ?? `${migrations.folder}/${path}`,
      owner: 'C',
      source: sourceOf(name),
      content: format.isSql ? text : header('C', version, dialect) + inLanguageOf(path, text, context),
    };
  });
}

/** The file in which the tool lists its migrations, with those that are new. */
export function journalChange(root: string, input: MigrationInput): Change | undefined {
  const { journal }: MigrationFormat = migrationFormats[input.migrations.format];
  const fresh = [...freshPaths(input).values()];
  if (journal === undefined || fresh.length === 0) return undefined;
  const path = `${input.migrations.folder}/${journal.path}`;
  const before = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null;
  const after = journal.add(before, fresh, input.now);
  return { path, owner: 'D', kind: before === null ? 'create' : 'update', before, after };
}

/** Below the folder, by the name of the source. */
function freshPaths(input: MigrationInput): Map<string, string> {
  const format: MigrationFormat = migrationFormats[input.migrations.format];
  const written = writtenPaths(input.manifest);
  const fresh = [...input.sources.keys()].sort().filter((name) => !written.has(sourceOf(name)));
  const paths = format.name(fresh.map(topicOf), contextOf(input));
  return new Map(fresh.map((name, index) => [name, paths[index] ?? name]));
}

function writtenPaths(manifest: Manifest): Map<string, string> {
  return new Map([...manifest].map(([path, { source }]) => [source, path]));
}

function contextOf({ migrations, dialect, now }: MigrationInput): MigrationContext {
  return { names: migrations.names, newest: migrations.newest, moduleFormat: dialect.moduleFormat, now };
}

function sourceOf(name: string): string {
  return `templates/sql/${name}`;
}

/** `0001-event-log.sql` → `evtgen-event-log` */
function topicOf(name: string): string {
  return `evtgen-${name.replace(/^\d+-|\.sql$/g, '')}`;
}

/** JavaScript where the project has its migrations in that, with modules as in those or as in its other files. */
function inLanguageOf(path: string, text: string, { newest, moduleFormat }: MigrationContext): string {
  if (path.endsWith('ts')) return text;
  const isEsm = path.endsWith('.mjs') || (path.endsWith('.js') && isEsModule(newest, moduleFormat));
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      module: isEsm ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
    },
  });
  return outputText;
}

function isEsModule(newest: string, moduleFormat: 'esm' | 'cjs'): boolean {
  return newest === '' ? moduleFormat === 'esm' : /^(?:import|export)\b/m.test(newest);
}
