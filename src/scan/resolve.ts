import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { createOptionsReader } from './compiler-options.ts';
import { ts } from './project.ts';
import { createShortResolution } from './short-resolution.ts';
import { readJson, type Workspace } from './workspace.ts';

/** The source file that a module specifier stands for, or null for packages and what is not there. */
export type Resolve = (specifier: string, fromFile: string) => string | null;

/**
 * Resolves as the team's bundler or compiler would: by the path aliases of the nearest tsconfig.json, and to the
 * sources of the monorepo's own packages, whether or not they are installed or built.
 * @param files the project's own.
 */
export function createResolver(workspace: Workspace, files: readonly string[]): Resolve {
  const optionsOf = createOptionsReader(workspace.root);
  const caches = new Map<ts.CompilerOptions, ts.ModuleResolutionCache>();
  const resolutions = new Map<string, string | null>();
  const isOwnPackage = (name: string): boolean =>
    workspace.packages().some((candidate) => candidate.name === name);
  const short = createShortResolution(files, isOwnPackage);

  const compilerResolve = (specifier: string, fromFile: string): string | undefined => {
    const { options } = optionsOf(dirname(fromFile));
    let cache = caches.get(options);
    if (cache === undefined) {
      cache = ts.createModuleResolutionCache(workspace.root, (name) => name, options);
      caches.set(options, cache);
    }
    return ts.resolveModuleName(specifier, fromFile, options, ts.sys, cache).resolvedModule?.resolvedFileName;
  };

  const fileOf = (specifier: string, fromFile: string): string | undefined => {
    const folder = dirname(fromFile);
    const { options } = optionsOf(folder);
    const own = short.ownFile(specifier, folder, options);
    if (own !== undefined || short.isOfPackage(specifier, folder, options)) return own;
    return compilerResolve(specifier, fromFile);
  };

  return (specifier, fromFile) => {
    const key = `${dirname(fromFile)}\0${specifier}`;
    const known = resolutions.get(key);
    if (known !== undefined) return known;
    if (fromFile.includes('/node_modules/')) return besides(specifier, fromFile);
    const file = fileOf(specifier, fromFile);
    const isSource = file !== undefined && isOwn(file);
    const result = isSource ? file : (packageSource(specifier, workspace, compilerResolve) ?? null);
    resolutions.set(key, result);
    return result;
  };
}

/** Within a package, where the compiler would rather find declarations than code. */
function besides(specifier: string, fromFile: string): string | null {
  try {
    return specifier.startsWith('.') ? createRequire(fromFile).resolve(specifier) : null;
  } catch {
    return null;
  }
}

function isOwn(file: string): boolean {
  return !file.includes('/node_modules/') && !/\.d\.[cm]?ts$/.test(file);
}

/** `@acme/orders/routes` as the sources of the monorepo's package have it. */
function packageSource(
  specifier: string,
  workspace: Workspace,
  compilerResolve: (specifier: string, fromFile: string) => string | undefined,
): string | undefined {
  const parts = /^(?<name>(?:@[^/]+\/)?[^./][^/]*)(?:\/(?<rest>.+))?$/.exec(specifier)?.groups;
  if (parts === undefined || specifier.startsWith('node:')) return undefined;
  const { name, rest } = parts;
  const found = workspace.packages().find((candidate) => candidate.name === name);
  if (found === undefined) return undefined;
  const from = join(found.folder, 'package.json');
  return sourcePaths(found.folder, rest)
    .map((path) => compilerResolve(`./${path}`, from))
    .find((file) => file !== undefined && isOwn(file) && existsSync(file));
}

const manifestSchema = z.looseObject({
  exports: z.unknown().optional(),
  source: z.string().optional().catch(undefined),
  types: z.string().optional().catch(undefined),
  module: z.string().optional().catch(undefined),
  main: z.string().optional().catch(undefined),
});

/** Where the source of a package's entry may lie, relative to its folder, likeliest first. */
function sourcePaths(folder: string, subpath: string | undefined): string[] {
  const parsed = manifestSchema.safeParse(readJson(join(folder, 'package.json')));
  const manifest = parsed.success ? parsed.data : null;
  const exported = exportTargets(manifest?.exports, subpath);
  const entries =
    subpath === undefined
      ? [manifest?.source, ...exported, manifest?.types, manifest?.module, manifest?.main]
      : exported;
  const named = entries.filter((entry) => entry !== undefined).flatMap(sourcesOfTarget);
  const usual =
    subpath === undefined
      ? ['src/index', 'index', 'src/main', 'lib/index', 'src/lib/index']
      : [subpath, `src/${subpath}`, `lib/${subpath}`];
  return [...named, ...usual];
}

/** A built file stands for the source that it was built from. */
function sourcesOfTarget(target: string): string[] {
  const path = target.replace(/^\.\//, '');
  const bare = path.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '');
  const inside = bare.replace(
    /^(?:dist|lib|build|out|es|esm|cjs|types)\/(?:(?:esm|cjs|es|types|src)\/)*/,
    '',
  );
  return [path, bare, ...(inside === bare ? [] : [`src/${inside}`, inside])];
}

/** What `exports` gives for a subpath, conditions for sources first (Node.js, "Packages", conditional exports). */
function exportTargets(exported: unknown, subpath: string | undefined): string[] {
  const key = subpath === undefined ? '.' : `./${subpath}`;
  if (typeof exported === 'string') return subpath === undefined ? [exported] : [];
  if (!isRecord(exported)) return [];
  const hasSubpaths = Object.keys(exported).some((name) => name.startsWith('.'));
  if (!hasSubpaths) return subpath === undefined ? conditionTargets(exported) : [];
  if (Object.hasOwn(exported, key)) return conditionTargets(exported[key]);
  for (const [pattern, target] of Object.entries(exported)) {
    const [before, after, ...more] = pattern.split('*');
    if (before === undefined || after === undefined || more.length > 0) continue;
    if (!key.startsWith(before) || !key.endsWith(after) || key.length < pattern.length) continue;
    const middle = key.slice(before.length, key.length - after.length);
    return conditionTargets(target).map((path) => path.replaceAll('*', middle));
  }
  return [];
}

const CONDITIONS = ['source', 'development', 'types', 'import', 'node', 'require', 'default'];

function conditionTargets(target: unknown): string[] {
  if (typeof target === 'string') return [target];
  if (!isRecord(target)) return [];
  const rank = (name: string): number => {
    const at = CONDITIONS.indexOf(name);
    // Own conditions (`@acme/source`) point at sources.
    return at === -1 ? 0 : at;
  };
  return Object.entries(target)
    .sort(([a], [b]) => rank(a) - rank(b))
    .flatMap(([, inner]) => conditionTargets(inner));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
