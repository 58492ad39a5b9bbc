import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import { readJson } from '../scan/workspace.ts';
import type { MigrationConfiguration, MigrationFormat } from './migration-formats/format.ts';
import { migrationFormats, type MigrationFormatId } from './migration-formats/index.ts';

/** Where a project has its migrations, and which. */
export interface MigrationFolder {
  readonly format: MigrationFormatId;
  /** Relative to the project. */
  readonly folder: string;
  /** The migrations there are, in order. */
  readonly names: readonly string[];
  /** Text of the newest one, where it is a file. */
  readonly newest: string;
}

/** Formats that a project's files tell beyond doubt, whatever the project keeps its data with. */
const PLAIN: readonly MigrationFormatId[] = ['prisma', 'sql'];

/**
 * The configured folder, else the first usual one that holds migrations: of the tool that goes with what the data is
 * kept with, else of Prisma, else plain SQL. Without any, that tool's own.
 */
export function findMigrations(
  root: string,
  configured: string | undefined,
  preferred: MigrationFormatId,
): MigrationFolder {
  for (const format of new Set([preferred, ...PLAIN])) {
    for (const folder of candidates(root, configured, format)) {
      const names = migrationsIn(join(root, folder), migrationFormats[format]);
      if (names.length > 0) return { format, folder, names, newest: newestText(root, folder, names) };
    }
  }
  const [folder = 'migrations'] = candidates(root, configured, preferred);
  return { format: preferred, folder, names: [], newest: '' };
}

function candidates(root: string, configured: string | undefined, id: MigrationFormatId): readonly string[] {
  if (configured !== undefined) return [configured];
  const { folders, configuration }: MigrationFormat = migrationFormats[id];
  const told = configuration === undefined ? [] : foldersIn(root, configuration);
  return [...told, ...folders];
}

/**
 * As the tool's own configuration says; nothing outside of the project. Some tools mean a path from where they are run,
 * some from their configuration.
 */
function foldersIn(root: string, { file, folder }: MigrationConfiguration): string[] {
  const path = configurationPath(root, file);
  const told = path === undefined ? undefined : folder.exec(readTextIfPresent(join(root, path)) ?? '')?.[1];
  if (path === undefined || told === undefined || /^[/~]/.test(told)) return [];
  return [told, posix.join(posix.dirname(path), told)]
    .map((each) => posix.normalize(each).replace(/\/$/, ''))
    .filter((each) => !each.startsWith('..'));
}

/** In the project's folder, else where its scripts name it: `drizzle-kit migrate --config=infra/drizzle.config.js`. */
function configurationPath(root: string, file: RegExp): string | undefined {
  const own = readdirSync(root).find((name) => file.test(name));
  if (own !== undefined) return own;
  const { scripts = {} } = (readJson(join(root, 'package.json')) ?? {}) as {
    scripts?: Record<string, string>;
  };
  return Object.values(scripts)
    .flatMap((script) => script.split(/[\s='"]+/))
    .find((word) => file.test(posix.basename(word)) && !/^(?:[/~]|\.\.)/.test(word));
}

function migrationsIn(folder: string, { isMigration, journal }: MigrationFormat): string[] {
  if (!existsSync(folder) || (journal !== undefined && !existsSync(join(folder, journal.path)))) return [];
  return readdirSync(folder)
    .filter((name) => isMigration.test(name))
    .sort();
}

function newestText(root: string, folder: string, names: readonly string[]): string {
  const path = join(root, folder, names.at(-1) ?? '');
  return statSync(path).isFile() ? readFileSync(path, 'utf8') : '';
}
