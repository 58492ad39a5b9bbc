import { readFileSync } from 'node:fs';
import { posix, relative, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from '../scan/project.ts';

/** Of evtgen itself, running from `src` or from `dist`. */
const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

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
export function kernelClosure(entries: readonly string[]): KernelFile[] {
  const found = new Map<string, string>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue;
    const text = readFileSync(join(PACKAGE_ROOT, 'src', path), 'utf8');
    found.set(path, text);
    for (const { specifier } of relativeImports(text)) {
      queue.push(posix.join(posix.dirname(path), specifier));
    }
  }
  return [...found.keys()].sort().map((path) => ({ path, text: found.get(path) ?? '' }));
}

/** The text of a file shipped with evtgen, e.g. `templates/routes/express.hbs`. */
export function packageFile(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}

/** Replaces every relative module specifier and nothing else. */
export function rewriteSpecifiers(text: string, rewrite: (specifier: string) => string): string {
  let result = text;
  for (const { specifier, start } of relativeImports(text).toReversed()) {
    result = result.slice(0, start) + rewrite(specifier) + result.slice(start + specifier.length);
  }
  return result;
}

/** The specifier that leads from one file to another, both relative to the same folder. */
export function specifierBetween(fromFile: string, toFile: string): string {
  const path = relative(posix.dirname(fromFile), toFile).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

function relativeImports(text: string): { specifier: string; start: number }[] {
  // pos is that of the opening quote in older releases and of the text in newer; the search settles it.
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName, pos }) => ({ specifier: fileName, start: text.indexOf(fileName, pos) }))
    .sort((a, b) => a.start - b.start);
}
