import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { moduleAliases } from './module-aliases.ts';
import { ts } from './typescript.ts';

/** How a folder's sources are read: its path aliases and libraries, and whether its team checks for null. */
export interface FolderOptions {
  readonly options: ts.CompilerOptions;
  readonly isNullChecked: boolean;
}

/** Everything that would stop a scan of loose code is set by us. */
const FORCED: ts.CompilerOptions = {
  allowJs: true,
  checkJs: false,
  noEmit: true,
  skipLibCheck: true,
  strictNullChecks: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
};
const CONFIG_FILES = ['tsconfig.json', 'tsconfig.app.json', 'tsconfig.base.json', 'jsconfig.json'];

/** The options of a folder by its own configuration file. */
export function compilerOptions(folder: string): FolderOptions {
  const found = configFileOf(folder);
  return found === null ? { options: FORCED, isNullChecked: false } : optionsIn(found);
}

/**
 * The options for each folder up to `top`: those of the nearest configuration file. A file that only refers to
 * others (`references`) counts with the first of them that names path aliases.
 */
export function createOptionsReader(top: string): (folder: string) => FolderOptions {
  const known = new Map<string, FolderOptions>();
  const read = (folder: string): FolderOptions => {
    const cached = known.get(folder);
    if (cached !== undefined) return cached;
    const isEnd = folder === top || dirname(folder) === folder || !folder.startsWith(top);
    const found = configFileOf(folder);
    const options =
      found !== null
        ? optionsIn(found)
        : isEnd
          ? { options: FORCED, isNullChecked: false }
          : read(dirname(folder));
    const aliased = withAliases(options, moduleAliases(folder));
    known.set(folder, aliased);
    return aliased;
  };
  return read;
}

function withAliases(found: FolderOptions, aliases: Readonly<Record<string, string[]>>): FolderOptions {
  if (Object.keys(aliases).length === 0) return found;
  return { ...found, options: { ...found.options, paths: { ...aliases, ...found.options.paths } } };
}

function configFileOf(folder: string): string | null {
  return CONFIG_FILES.map((name) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

function optionsIn(file: string): FolderOptions {
  const { options, references } = parseConfig(file);
  const aliased =
    options.paths === undefined
      ? references.map((reference) => parseConfig(reference).options).find(({ paths }) => paths !== undefined)
      : undefined;
  const { paths, baseUrl, pathsBasePath, experimentalDecorators, strict, strictNullChecks } = {
    ...options,
    ...aliased,
  };
  return {
    options: {
      ...FORCED,
      ...(paths === undefined
        ? {}
        : { paths: withFolders(paths, pathsBasePath ?? baseUrl ?? dirname(file)) }),
      ...(baseUrl === undefined ? {} : { baseUrl, ignoreDeprecations: '6.0' }),
      ...(pathsBasePath === undefined ? {} : { pathsBasePath }),
      ...(experimentalDecorators === undefined ? {} : { experimentalDecorators }),
    },
    isNullChecked: strictNullChecks ?? strict ?? false,
  };
}

/** A bundler takes `api` for all below it, where editors are told of the folder alone, and not always in a list. */
function withFolders(written: ts.MapLike<string[] | string>, base: unknown): ts.MapLike<string[]> {
  const paths = Object.fromEntries(
    Object.entries(written).map(([name, targets]): [string, string[]] => [name, [targets].flat()]),
  );
  const below = Object.entries(paths).flatMap(([name, targets]): [string, string[]][] => {
    const [target] = targets;
    if (name.includes('*') || target === undefined || Object.hasOwn(paths, `${name}/*`)) return [];
    const folder = resolve(String(base), target);
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
      ? [[`${name}/*`, [`${target}/*`]]]
      : [];
  });
  return { ...paths, ...Object.fromEntries(below) };
}

function parseConfig(file: string): { options: ts.CompilerOptions; references: string[] } {
  const { config } = ts.readConfigFile(file, (name) => ts.sys.readFile(name));
  const parsed = ts.parseJsonConfigFileContent(
    { ...config, files: [], include: [] },
    ts.sys,
    dirname(file),
    undefined,
    file,
  );
  const references = (parsed.projectReferences ?? [])
    .map(({ path }) => (path.endsWith('.json') ? path : join(path, 'tsconfig.json')))
    .filter((path) => existsSync(path));
  return { options: parsed.options, references };
}
