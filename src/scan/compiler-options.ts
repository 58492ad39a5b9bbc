import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
    known.set(folder, options);
    return options;
  };
  return read;
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
      ...(paths === undefined ? {} : { paths }),
      ...(baseUrl === undefined ? {} : { baseUrl, ignoreDeprecations: '6.0' }),
      ...(pathsBasePath === undefined ? {} : { pathsBasePath }),
      ...(experimentalDecorators === undefined ? {} : { experimentalDecorators }),
    },
    isNullChecked: strictNullChecks ?? strict ?? false,
  };
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
