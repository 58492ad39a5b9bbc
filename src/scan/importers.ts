import { basename, dirname } from 'node:path';
import type { Project } from './project.ts';

const SPECIFIER = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"`]([^'"`\n]+)['"`]/g;
const REEXPORT = /\bexport\s*(?:type\s*)?(?:\*|\{)[^;'"`]*?\bfrom\s*['"]([^'"\n]+)['"]/g;
/** Code that imports what no specifier names. */
const DYNAMIC_IMPORT = /\b(?:require|import)\s*\(\s*[^'"`\s)]|\bimport\.meta\.glob|\bautoload\b/i;

/**
 * Finds files that may import one of some names from a module, by their text: nothing is parsed or resolved.
 */
export function createImporterSearch(
  project: Project,
): (target: string, names: readonly string[]) => string[] {
  let index: ImportIndex | null = null;
  return (target, names) => {
    if (names.length === 0) return [];
    index ??= indexImports(project);
    const { importers, dynamic, reexports } = index;
    const isMention = mentionOf(names);
    const candidates = new Set(dynamic);
    for (const name of namesThrough(namesOf(target, project), reexports)) {
      for (const file of importers.get(name) ?? []) candidates.add(file);
    }
    return [...candidates].filter((file) => isMention.test(project.text(file)));
  };
}

/** Whether a text has one of some names in it. */
export function mentionOf(names: readonly string[]): RegExp {
  return new RegExp(`(?<![\\w$])(?:${names.map((name) => name.replaceAll('$', '\\$')).join('|')})(?![\\w$])`);
}

interface ImportIndex {
  /** By the last part of a specifier. */
  readonly importers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Files that import what no specifier names. */
  readonly dynamic: readonly string[];
  /** By the last part of a re-exported specifier: the names of the modules that re-export it. */
  readonly reexports: ReadonlyMap<string, ReadonlySet<string>>;
}

function indexImports(project: Project): ImportIndex {
  const importers = new Map<string, Set<string>>();
  for (const file of project.files) {
    for (const specifier of specifiersIn(project.text(file), SPECIFIER)) {
      const name = lastPart(specifier);
      const known = importers.get(name);
      if (known === undefined) importers.set(name, new Set([file]));
      else known.add(file);
    }
  }
  return {
    importers,
    dynamic: project.files.filter((file) => DYNAMIC_IMPORT.test(project.text(file))),
    reexports: reexportsIn(project),
  };
}

/** The last parts of the specifiers that a module may be imported by: `app`, its folder if it is an index, its package. */
function namesOf(file: string, project: Project): Set<string> {
  const stem = stemOf(file);
  const folder = dirname(file);
  const names = new Set([stem]);
  if (stem === 'index') names.add(basename(folder));
  // The entry of a package is imported by the package's name, and `.` and `..` stand for an index.
  if (/^(?:index|main|mod|lib)$/.test(stem)) {
    for (const name of ['.', '..', basename(project.packageFolder(file)), 'src']) names.add(name);
  }
  return names;
}

/** With the names of modules that export these again, and so on. */
function namesThrough(
  names: ReadonlySet<string>,
  reexports: ReadonlyMap<string, ReadonlySet<string>>,
): Set<string> {
  const found = new Set(names);
  for (const name of found) {
    for (const outer of reexports.get(name) ?? []) found.add(outer);
  }
  return found;
}

function reexportsIn(project: Project): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of project.files) {
    const text = project.text(file);
    const isBarrel = stemOf(file) === 'index' && /\bmodule\.exports\b|\bexports\./.test(text);
    if (!isBarrel && !/\bexport\b/.test(text)) continue;
    for (const specifier of specifiersIn(text, isBarrel ? SPECIFIER : REEXPORT)) {
      const name = lastPart(specifier);
      const outer = found.get(name) ?? new Set();
      for (const own of namesOf(file, project)) outer.add(own);
      found.set(name, outer);
    }
  }
  return found;
}

function specifiersIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, specifier = '']) => specifier);
}

function lastPart(specifier: string): string {
  return stemOf(specifier.replace(/(?<=.)\/$/, ''));
}

function stemOf(path: string): string {
  return basename(path).replace(/(?<=.)\.(?:[cm]?[jt]sx?|json)$/, '');
}
