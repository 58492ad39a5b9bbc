import { existsSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { ts } from '../scan/project.ts';
import { foldersUpwards } from '../scan/workspace.ts';
import { EvtgenError } from '../ui/errors.ts';

/**
 * The options under which a file of a folder would be compiled: those of the nearest tsconfig.json upwards, or of the
 * project that it refers to and that includes the file.
 * @param file absolute; it need not exist.
 * @throws EvtgenError `no_tsconfig` or `invalid_tsconfig`
 */
export function readCompilerOptions(root: string, file: string): ts.CompilerOptions {
  const config = tsconfigOf(root);
  if (config === undefined) {
    throw new EvtgenError(
      'no_tsconfig',
      'no tsconfig.json in this folder or above it, and its sources are not JavaScript',
      {
        hint: 'run it in the folder of the TypeScript package, or create a tsconfig.json with: npx tsc --init',
      },
    );
  }
  const target = file.replaceAll('\\', '/');
  const own = parseConfig(config, target);
  return (including(own, target, new Set([config])) ?? firstReferred(own, target) ?? own).options;
}

/** Undefined where there is none up to the top of the repository. */
export function tsconfigOf(root: string): string | undefined {
  return foldersUpwards(root)
    .map((folder) => join(folder, 'tsconfig.json'))
    .find((file) => existsSync(file));
}

function including(
  parsed: ts.ParsedCommandLine,
  target: string,
  seen: Set<string>,
): ts.ParsedCommandLine | undefined {
  if (parsed.fileNames.includes(target)) return parsed;
  for (const file of referencesOf(parsed)) {
    if (seen.has(file)) continue;
    seen.add(file);
    const found = including(parseConfig(file, target), target, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where no project includes the file: a tsconfig.json of references alone says nothing of its own. */
function firstReferred(own: ts.ParsedCommandLine, target: string): ts.ParsedCommandLine | undefined {
  const { files, include = [] } = own.raw as Readonly<Record<string, readonly string[] | undefined>>;
  const isSolution = files?.length === 0 && include.length === 0;
  const [first] = isSolution ? referencesOf(own) : [];
  return first === undefined ? undefined : parseConfig(first, target);
}

function referencesOf({ projectReferences = [] }: ts.ParsedCommandLine): string[] {
  return projectReferences
    .map(({ path }) => (path.endsWith('.json') ? path : join(path, 'tsconfig.json')))
    .filter((file) => existsSync(file));
}

/** With the files that it compiles; a broken one says nothing, unless it is the one that `readCompilerOptions` reads. */
export function parseWithFiles(file: string): ts.ParsedCommandLine {
  const { config = {} } = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(file), undefined, file);
}

/** Of all files in the world, none but the target is looked for. */
export function parseConfig(file: string, target: string): ts.ParsedCommandLine {
  const { config, error } = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  if (error !== undefined) {
    const reason = ts.flattenDiagnosticMessageText(error.messageText, ' ');
    throw new EvtgenError('invalid_tsconfig', `${basename(file)} cannot be read: ${reason}`);
  }
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    fileExists: (path) => ts.sys.fileExists(path),
    readFile: (path) => ts.sys.readFile(path),
    readDirectory(folder, _extensions, excludes, includes) {
      const isIn = (specs: readonly string[], end: string): boolean =>
        specs.some((spec) => toRegExp(posix.join(folder, spec), end).test(target));
      return isIn(includes.map(withFilesIn), '$') && !isIn(excludes ?? [], '(?:$|/)') ? [target] : [];
    },
  };
  return ts.parseJsonConfigFileContent(config, host, dirname(file), undefined, file);
}

/** A folder stands for all that is in it. */
function withFilesIn(spec: string): string {
  return /[.*?]/.test(posix.basename(spec)) ? spec : posix.join(spec, '**/*');
}

/** tsconfig.json knows `*`, `?` and `**` as a whole part. */
function toRegExp(spec: string, end: string): RegExp {
  const source = spec.replaceAll(/\*\*\/|\/\*\*$|[*?]|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '/**') return '/.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return new RegExp(`^${source}${end}`);
}
