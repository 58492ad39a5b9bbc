import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ts } from './typescript.ts';

/** Answers to what a module specifier stands for that take no search of the compiler's; undefined where only that tells. */
export interface ShortResolution {
  /** The project's file that comes first of all that a specifier may stand for. */
  ownFile(specifier: string, folder: string, options: ts.CompilerOptions): string | undefined;
  /** Whether a specifier can stand for nothing but an installed package, or for nothing. */
  isOfPackage(specifier: string, folder: string, options: ts.CompilerOptions): boolean;
}

const PACKAGE_NAME = /^(?:@[\w.-]+\/)?[\w.-]+(?::[\w.-]+)?(?=\/|$)/;

/**
 * @param files the project's own.
 * @param isOwnPackage whether a package of this name is among the sources.
 */
export function createShortResolution(
  files: readonly string[],
  isOwnPackage: (name: string) => boolean,
): ShortResolution {
  const known = new Set(files);
  const modulesAbove = createModulesSearch();
  const namesIn = createListing();
  const isLinkedOut = createLinkCheck();

  return {
    ownFile(specifier, folder, options) {
      // Folders stand for what is in them.
      if (/(?:^|\/)\.{0,2}$/.test(specifier)) return undefined;
      const path = specifier.startsWith('.') ? join(folder, specifier) : aliased(specifier, options);
      if (path === undefined) return undefined;
      // `./orders.js` is written for `orders.ts`; of all endings, this one comes first.
      const file = `${path.replace(/\.js$/, '')}.ts`;
      return known.has(file) ? file : undefined;
    },
    isOfPackage(specifier, folder, options) {
      const name = PACKAGE_NAME.exec(specifier)?.[0];
      if (name === undefined || specifier.startsWith('.') || isOwnPackage(name)) return false;
      if (firstSubstitution(specifier, options) !== undefined) return false;
      if (options.baseUrl !== undefined && mayBeIn(namesIn(options.baseUrl), name)) return false;
      return !modulesAbove(folder).some((modules) => isLinkedOut(join(modules, name)));
    },
  };
}

function aliased(specifier: string, options: ts.CompilerOptions): string | undefined {
  const { baseUrl } = options;
  const found = firstSubstitution(specifier, options);
  if (found !== undefined || baseUrl === undefined) return found?.path;
  return join(baseUrl, specifier);
}

/** Where the path aliases of a tsconfig.json lead first; undefined where none of them is meant. */
function firstSubstitution(
  specifier: string,
  { paths, baseUrl, pathsBasePath }: ts.CompilerOptions,
): { path: string | undefined } | undefined {
  if (paths === undefined) return undefined;
  const matches = Object.keys(paths).flatMap((pattern) => {
    const star = pattern.indexOf('*');
    if (star === -1)
      return pattern === specifier ? [{ pattern, rank: Number.POSITIVE_INFINITY, inner: '' }] : [];
    const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
    const isMatch =
      specifier.length >= before.length + after.length &&
      specifier.startsWith(before) &&
      specifier.endsWith(after);
    const inner = specifier.slice(before.length, specifier.length - after.length);
    return isMatch ? [{ pattern, rank: before.length, inner }] : [];
  });
  const [best] = matches.sort((a, b) => b.rank - a.rank);
  if (best === undefined) return undefined;
  const base = baseUrl ?? pathsBasePath;
  const [target] = paths[best.pattern] ?? [];
  const isKnown = typeof base === 'string' && target !== undefined;
  return { path: isKnown ? resolve(base, target.replace('*', best.inner)) : undefined };
}

function mayBeIn(names: readonly string[], packageName: string): boolean {
  const [first = ''] = packageName.split('/');
  return names.some((name) => name === first || name.startsWith(`${first}.`));
}

/** The `node_modules` of a folder and of those around it. */
function createModulesSearch(): (folder: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  const above = (folder: string): readonly string[] => {
    const cached = known.get(folder);
    if (cached !== undefined) return cached;
    const own = join(folder, 'node_modules');
    const outer = dirname(folder) === folder ? [] : above(dirname(folder));
    const found = existsSync(own) ? [own, ...outer] : outer;
    known.set(folder, found);
    return found;
  };
  return above;
}

/** Whether an installed package is a link to a folder that is in no `node_modules`, as a monorepo's own are. */
function createLinkCheck(): (folder: string) => boolean {
  const known = new Map<string, boolean>();
  return (folder) => {
    const cached = known.get(folder);
    if (cached !== undefined) return cached;
    const real = realPathOf(folder);
    const isLinkedOut = real !== null && !real.includes('/node_modules/');
    known.set(folder, isLinkedOut);
    return isLinkedOut;
  };
}

function realPathOf(folder: string): string | null {
  try {
    return realpathSync.native(folder);
  } catch {
    return null;
  }
}

function createListing(): (folder: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (folder) => {
    const names = known.get(folder) ?? namesIn(folder);
    known.set(folder, names);
    return names;
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
