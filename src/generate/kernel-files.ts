import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localSpecifiers } from './specifiers.ts';

/** Of evtgen itself, running from `src` or from `dist`. */
const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The folders below `src` whose files are emitted. */
const EMITTED_FOLDERS = /^(?:kernel|stores|brokers|transports|metrics|receivers|routes|validators)\//;

/** A module of evtgen that is emitted verbatim. */
export interface KernelFile {
  /** Below `src` of evtgen and below `output` of the project alike: `kernel/emit.ts`. */
  readonly path: string;
  readonly text: string;
}

/**
 * The modules that the entries reach through relative imports, the entries among them, sorted. What no used
 * feature imports is never emitted.
 * @param entries paths below evtgen's `src`, e.g. `kernel/emit.ts`.
 */
export function kernelClosure(entries: Iterable<string>): KernelFile[] {
  const found = new Map<string, string>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue;
    const text = packageFile(`src/${path}`);
    found.set(path, text);
    for (const specifier of localSpecifiers(text)) queue.push(posix.join(posix.dirname(path), specifier));
  }
  return [...found.keys()].sort().map((path) => ({ path, text: found.get(path) ?? '' }));
}

/** Whether a path below the output folder is that of a kernel file or binding. */
export function isKernelFile(path: string): boolean {
  return EMITTED_FOLDERS.test(path) && existsSync(join(PACKAGE_ROOT, 'src', path));
}

/** One of evtgen's migrations, both ways. */
export interface MigrationSource {
  readonly up: string;
  readonly down: string;
}

/** evtgen's migrations, by file name. */
export function migrationSources(): Map<string, MigrationSource> {
  const names = readdirSync(join(PACKAGE_ROOT, 'templates/sql')).filter((name) => name.endsWith('.sql'));
  return new Map(
    names.sort().map((name) => {
      const up = packageFile(`templates/sql/${name}`);
      return [name, { up, down: packageFile(`templates/sql/down/${name}`) }];
    }),
  );
}

/** The text of a file shipped with evtgen, e.g. `templates/routes/express.hbs`. */
export function packageFile(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}
