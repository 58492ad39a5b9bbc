import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** How a project names its SQL migrations, learnt from those it has. */
export interface MigrationFolder {
  /** Relative to the project. */
  readonly folder: string;
  /** Names of the SQL files in it. */
  readonly names: readonly string[];
  /** Text that the project's tool wants above the statements. */
  readonly preamble: string;
}

const USUAL_FOLDERS = [
  'migrations',
  'db/migrations',
  'database/migrations',
  'sql/migrations',
  'src/migrations',
  'src/db/migrations',
  'src/database/migrations',
];

/** The configured folder, else the first usual one that holds SQL files, else `migrations`. */
export function findMigrations(root: string, configured: string | undefined): MigrationFolder {
  const candidates = configured === undefined ? USUAL_FOLDERS : [configured];
  for (const folder of candidates) {
    const names = sqlFiles(join(root, folder));
    if (names.length > 0) return { folder, names, preamble: preambleOf(root, folder, names) };
  }
  return { folder: candidates[0] ?? 'migrations', names: [], preamble: '' };
}

/**
 * Names for new migrations that sort after the existing ones, in the same style: `0007_x.sql`, `12-x.sql`,
 * `20260102030405_x.sql`, `V7__x.sql`, `0007_x.up.sql`.
 * @param topics what each is about, e.g. `evtgen-event-log`.
 * @param now numbers migrations in a project that uses time stamps.
 */
export function nameMigrations(names: readonly string[], topics: readonly string[], now: Date): string[] {
  const styles = names
    .map((name) => /^([vV]?)(\d+)(__|[_-])(.*?)((?:\.up)?\.sql)$/.exec(name))
    .filter((match) => match !== null)
    .toSorted((a, b) => Number(a[2]) - Number(b[2]));
  const [, letter = '', last = '0000', separator = '_', topicOfLast = '', extension = '.sql'] =
    styles.at(-1) ?? [];
  const isTimestamp = last.length === 14;
  const stamp = now.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const first = isTimestamp && stamp > last ? BigInt(stamp) : BigInt(last) + 1n;
  const usesDashes = separator === '-' || topicOfLast.includes('-');
  return topics.map((topic, index) => {
    const number = String(first + BigInt(index)).padStart(last.length, '0');
    return `${letter}${number}${separator}${usesDashes ? topic : topic.replaceAll('-', '_')}${extension}`;
  });
}

function sqlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql') && !name.endsWith('.down.sql'))
    .sort();
}

/** dbmate and node-pg-migrate mark the half that goes up. */
function preambleOf(root: string, folder: string, names: readonly string[]): string {
  const newest = readFileSync(join(root, folder, names.at(-1) ?? ''), 'utf8');
  return /^-- (?:migrate:up|Up Migration).*$/m.exec(newest)?.[0] ?? '';
}
