import { basename, dirname } from 'node:path';
import type { Project } from './project.ts';

const SPECIFIER = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"`]([^'"`\n]+)['"`]/g;
const REEXPORT = /\bexport\s*(?:type\s*)?(?:\*|\{)[^;'"`]*?\bfrom\s*['"]([^'"\n]+)['"]/g;
/** Code that imports what no specifier names. */
const DYNAMIC_IMPORT = /\b(?:require|import)\s*\(\s*[^'"`\s)]|\bimport\.meta\.glob|\bautoload\b/i;

const MIN_BUNDLE_CHARS = 100_000;
const MIN_BUNDLE_LINE_CHARS = 400;

/**
 * Finds files that may import one of some names from a module, by their text: nothing is parsed or resolved. What a
 * module exports as its only value goes by any name; it is asked for by `null`.
 */
export function createImporterSearch(
  project: Project,
): (target: string, names: readonly string[] | null) => string[] {
  let index: ImportIndex | null = null;
  // Other modules go by the same last part of a specifier, and some of them export again what they import.
  const mayLeadTo = (target: string, specifier: string, fromFile: string): boolean => {
    const file = project.leadsTo(specifier, fromFile);
    return file === null || file === target || index?.barrels.has(file) !== false;
  };
  return (target, names) => {
    if (names?.length === 0) return [];
    index ??= indexImports(project);
    const { importers, dynamic, reexports } = index;
    const isMention = names === null ? /^/ : mentionOf(names);
    const candidates = new Set(
      names === null ? [] : dynamic.filter((file) => usesOneOf(names, isMention, project.text(file))),
    );
    for (const name of namesThrough(namesOf(target, project), reexports)) {
      for (const [file, specifiers] of importers.get(name) ?? []) {
        if (candidates.has(file) || !isMention.test(project.text(file))) continue;
        if (specifiers.some((specifier) => mayLeadTo(target, specifier, file))) candidates.add(file);
      }
    }
    return [...candidates];
  };
}

/** Whether a text has one of some names in it. */
export function mentionOf(names: readonly string[]): RegExp {
  return new RegExp(`(?<![\\w$])(?:${names.map((name) => name.replaceAll('$', '\\$')).join('|')})(?![\\w$])`);
}

/** A class or function of that name of the file's own is not what another file exports. */
function usesOneOf(names: readonly string[], isMention: RegExp, text: string): boolean {
  if (!isMention.test(text)) return false;
  const others = names.filter((name) => !declarationOf(name).test(text));
  return others.length === names.length || (others.length > 0 && mentionOf(others).test(text));
}

function declarationOf(name: string): RegExp {
  return new RegExp(`\\b(?:class|function\\s*\\*?)\\s+${name.replaceAll('$', '\\$')}(?![\\w$])`);
}

interface ImportIndex {
  /** Files with their specifiers, by the last part of these. */
  readonly importers: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  /** Files that import what no specifier names. */
  readonly dynamic: readonly string[];
  /** By the last part of a re-exported specifier: the names of the modules that re-export it. */
  readonly reexports: ReadonlyMap<string, ReadonlySet<string>>;
  /** Files that re-export. */
  readonly barrels: ReadonlySet<string>;
}

function indexImports(project: Project): ImportIndex {
  const importers = new Map<string, Map<string, string[]>>();
  const dynamic: string[] = [];
  const reexports = new Map<string, Set<string>>();
  const barrels = new Set<string>();
  for (const file of project.files) {
    const text = project.text(file);
    for (const specifier of specifiersIn(text, SPECIFIER)) {
      const name = lastPart(specifier);
      const files = importers.get(name) ?? new Map<string, string[]>();
      importers.set(name, files);
      const specifiers = files.get(file);
      if (specifiers === undefined) files.set(file, [specifier]);
      else specifiers.push(specifier);
    }
    if (DYNAMIC_IMPORT.test(text) && !isBundle(text)) dynamic.push(file);
    for (const specifier of reexportedBy(file, text)) {
      barrels.add(file);
      const name = lastPart(specifier);
      const outer = reexports.get(name) ?? new Set();
      for (const own of namesOf(file, project)) outer.add(own);
      reexports.set(name, outer);
    }
  }
  return { importers, dynamic, reexports, barrels };
}

/** What a tool put all into that it imports: with a comment that minifiers keep at the top, or with long lines. */
function isBundle(text: string): boolean {
  if (text.length < MIN_BUNDLE_CHARS) return false;
  return text.startsWith('/*!') || text.length / text.split('\n').length > MIN_BUNDLE_LINE_CHARS;
}

/** The specifiers of what a file exports again. */
function reexportedBy(file: string, text: string): string[] {
  const isBarrel = stemOf(file) === 'index' && /\bmodule\.exports\b|\bexports\./.test(text);
  if (!isBarrel && !/\bexport\b/.test(text)) return [];
  return specifiersIn(text, isBarrel ? SPECIFIER : REEXPORT);
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

function specifiersIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, specifier = '']) => specifier);
}

function lastPart(specifier: string): string {
  return stemOf(specifier.replace(/(?<=.)\/$/, ''));
}

function stemOf(path: string): string {
  return basename(path).replace(/(?<=.)\.(?:[cm]?[jt]sx?|json)$/, '');
}
