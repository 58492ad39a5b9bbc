import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Project } from './project.ts';
import { list, literal, optionsOf, unknown, type ExternalValue, type Value } from './values.ts';

const PACKAGES = new Set([
  'glob',
  'fast-glob',
  'globby',
  'tinyglobby',
  'fs',
  'fs/promises',
  'fs-extra',
  'glob-promise',
]);
const CALLS = new Set(['glob', 'globSync', 'globby', 'globbySync', 'sync', 'async', 'promise']);

/** Whether a call lists the files that match a pattern, as those of `glob`, `fast-glob` and `node:fs` do. */
export function isGlobCall(target: ExternalValue): boolean {
  const from = target.from.replace(/^node:/, '');
  if (!PACKAGES.has(from)) return false;
  const last = target.steps.findLast((step) => step !== 'default');
  return last === undefined ? !from.startsWith('fs') : typeof last === 'string' && CALLS.has(last);
}

/** The project's files that patterns match, as the call gives them: relative to the folder it starts in, or absolute. */
export function globbed(project: Project, patterns: Value, options: Value | undefined): Value {
  const wanted = patterns.kind === 'list' ? patterns.items : optionsOf(patterns);
  const known = wanted.flatMap((pattern) => (pattern.kind === 'literal' ? [String(pattern.value)] : []));
  if (known.length < wanted.length || known.length === 0) return unknown('glob');
  const [folder, absolute, ignore] = ['cwd', 'absolute', 'ignore'].map((name) =>
    options?.kind === 'object' ? options.properties.get(name) : undefined,
  );
  if (folder !== undefined && folder.kind !== 'literal') return unknown('glob');
  const start = folder === undefined ? project.root : resolve(project.root, String(folder.value));
  const ignored = ignore === undefined ? [] : stringsOf(ignore);
  const isAsked = absolute?.kind === 'literal' && absolute.value === true;
  const found = new Set<string>();
  for (const pattern of known.filter((pattern) => !pattern.startsWith('!'))) {
    const excluded = [
      ...ignored,
      ...known.flatMap((other) => (other.startsWith('!') ? [other.slice(1)] : [])),
    ];
    for (const file of matching(project.files, start, pattern, excluded)) {
      found.add(isAsked || isAbsolute(pattern) ? file : relative(start, file).split(sep).join('/'));
    }
  }
  return list([...found].map((file) => literal(file)));
}

function stringsOf(value: Value): string[] {
  if (value.kind === 'list') return value.items.flatMap(stringsOf);
  return value.kind === 'literal' && typeof value.value === 'string' ? [value.value] : [];
}

function matching(
  files: readonly string[],
  start: string,
  pattern: string,
  excluded: readonly string[],
): readonly string[] {
  const unwanted = excluded.map((glob) => toRegExp(resolve(start, glob)));
  for (const glob of sourcePatterns(pattern)) {
    const wanted = toRegExp(resolve(start, glob));
    const found = files.filter((file) => wanted.test(file) && !unwanted.some((other) => other.test(file)));
    if (found.length > 0) return found;
  }
  return [];
}

/** The pattern, then what it stands for before a build: TypeScript files, in the folder that is built from. */
function sourcePatterns(pattern: string): string[] {
  const inTypeScript = (glob: string): string => glob.replace(/\.(?:js|cjs|mjs)$/, '.ts');
  const unbuilt = ['src/', ''].map((folder) => pattern.replace(/(?<=^|\/)(?:build|dist|out)\//, folder));
  return [pattern, ...unbuilt].flatMap((glob) => [glob, inTypeScript(glob)]);
}

/** Understands `*`, `**`, `?`, `[jt]`, `{a,b}`, `+(a|b)` and `!(a)`. */
function toRegExp(glob: string): RegExp {
  const closings: string[] = [];
  const source = glob.replaceAll(
    /\*\*\/|\*\*|[@+?*!]\(|\*|\?|\[[^\]/]+\]|[{},()|]|[.+^$\]\\]/g,
    (token): string => {
      if (token === '**/') return '(?:.*/)?';
      if (token === '**') return '.*';
      if (token === '*') return '[^/]*';
      if (token === '?') return '[^/]';
      if (token === '{' || token.endsWith('(')) {
        closings.push(token === '!(' ? ')(?:\\.|$))[^/]*' : ')');
        return token === '!(' ? '(?!(?:' : '(?:';
      }
      if (token === '}' || token === ')') return closings.pop() ?? `\\${token}`;
      if (token === ',' || token === '|') return closings.length > 0 ? '|' : token.replace('|', '\\|');
      return token.startsWith('[') ? token.replace('[!', '[^') : `\\${token}`;
    },
  );
  try {
    return new RegExp(`^${source}$`);
  } catch (error) {
    if (error instanceof SyntaxError) return /^$/;
    throw error;
  }
}
