import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';
import { findWorkspace, foldersUpwards, manifestFile, readJson, type Workspace } from '../scan/workspace.ts';
import { EvtgenError } from '../ui/errors.ts';
import { frameworksIn } from './detect-framework.ts';

const stringMap = z.record(z.string(), z.string()).optional();
const packageSchema = z.looseObject({
  name: z.string().optional(),
  type: z.string().optional(),
  scripts: stringMap,
  dependencies: stringMap,
  devDependencies: stringMap,
  peerDependencies: stringMap,
  optionalDependencies: stringMap,
});
const nxProjectSchema = z.looseObject({ name: z.string().optional() });

type PackageJson = z.infer<typeof packageSchema>;
const GROUPS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

export interface PackageFacts {
  /** Its package.json; where that names no framework, with the dependencies that the monorepo's root has for all. */
  readonly manifest: PackageJson;
  /** Version ranges of its dependencies, of whatever kind, by name. */
  readonly dependencies: ReadonlyMap<string, string>;
  /** With those of the monorepo's root, which it can import as well. */
  readonly available: ReadonlyMap<string, string>;
  /** The packages of the monorepo that it depends on, nearest first. Found when first asked for. */
  readonly linked: () => readonly LinkedPackage[];
}

/** A package of the monorepo that another one depends on. */
export interface LinkedPackage {
  readonly name: string;
  readonly folder: string;
  readonly dependencies: ReadonlyMap<string, string>;
}

/** @throws EvtgenError `no_package_json`, `invalid_json` or `invalid_file`. */
export function readPackage(root: string): PackageFacts {
  const workspace = findWorkspace(root);
  const shared = workspace.root === root ? undefined : readPackageJson(workspace.root);
  const own = readPackageJson(root) ?? readNxProject(root, shared);
  if (own === undefined) {
    throw new EvtgenError('no_package_json', `no package.json in ${root}`, {
      hint: 'run evtgen in the folder of the package that holds the API',
    });
  }
  const manifest = frameworksIn(own).length > 0 || shared === undefined ? own : withDependencies(own, shared);
  const dependencies = allDependencies(manifest);
  return {
    manifest,
    dependencies,
    available: new Map([...allDependencies(shared ?? {}), ...dependencies]),
    linked: memoized(() => linkedFrom(manifest, workspace)),
  };
}

function memoized<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}

/** What a package runs with, and not what it is developed and tested with. */
function linkedFrom(manifest: PackageJson, workspace: Workspace): LinkedPackage[] {
  if (!workspace.isMonorepo) return [];
  const packages = workspace.packages();
  const linked = new Map<string, LinkedPackage>();
  const names = Object.keys(runtimeDependencies(manifest));
  for (const name of names) {
    const found = linked.has(name) ? undefined : packages.find((each) => each.name === name);
    if (found === undefined) continue;
    const own = readPackageJson(found.folder) ?? {};
    const runtime = runtimeDependencies(own);
    // The tool that migrates is often for development alone.
    const tools = Object.entries(own.devDependencies ?? {}).filter(([tool]) => tool === 'prisma');
    linked.set(name, {
      name,
      folder: found.folder,
      dependencies: new Map([...tools, ...Object.entries(runtime)]),
    });
    names.push(...Object.keys(runtime));
  }
  return [...linked.values()];
}

function runtimeDependencies({
  dependencies,
  peerDependencies,
  optionalDependencies,
}: PackageJson): Record<string, string> {
  return { ...optionalDependencies, ...peerDependencies, ...dependencies };
}

/** A database client that one of the linked packages has, where the package itself can import none. */
export function linkedClient(
  { available, linked }: Pick<PackageFacts, 'available' | 'linked'>,
  clients: readonly string[],
): { readonly client: string; readonly from: LinkedPackage } | undefined {
  if (clients.some((name) => available.has(name))) return undefined;
  for (const from of linked()) {
    const client = clients.find((name) => from.dependencies.has(name));
    if (client !== undefined) return { client, from };
  }
  return undefined;
}

/** The package's own dependencies where one of the names is among them, else those that it finds above it as well. */
export function dependenciesWith(
  { dependencies, available }: Pick<PackageFacts, 'dependencies' | 'available'>,
  names: readonly string[],
): ReadonlyMap<string, string> {
  return names.some((name) => dependencies.has(name)) ? dependencies : available;
}

function readPackageJson(folder: string): PackageJson | undefined {
  const text = readTextIfPresent(join(folder, 'package.json'));
  return text === undefined ? undefined : parseJson('package.json', text, packageSchema);
}

/** A project of Nx may do without a package.json, and has its name elsewhere then. */
function readNxProject(folder: string, shared: PackageJson | undefined): PackageJson | undefined {
  if (shared === undefined || manifestFile(folder) === undefined) return undefined;
  const text = readTextIfPresent(join(folder, 'project.json')) ?? '{}';
  return { name: parseJson('project.json', text, nxProjectSchema).name, type: shared.type };
}

function withDependencies(own: PackageJson, shared: PackageJson): PackageJson {
  const groups = GROUPS.map((group) => [group, { ...shared[group], ...own[group] }] as const);
  return { ...own, ...Object.fromEntries(groups) };
}

function allDependencies(manifest: PackageJson): Map<string, string> {
  return new Map(GROUPS.flatMap((group) => Object.entries(manifest[group] ?? {})));
}

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

const LOCK_FILES: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

export interface DetectedPackageManager {
  readonly name: PackageManager;
  /** The file that tells it; undefined for what is taken where none does. */
  readonly from: string | undefined;
}

/** By `packageManager` of package.json (Corepack) or a lock file, in the nearest folder upwards; else npm. */
export function detectPackageManager(root: string): DetectedPackageManager {
  for (const folder of foldersUpwards(root)) {
    const from = (file: string): string => relative(root, join(folder, file)).replaceAll('\\', '/');
    const declared = declaredManager(folder);
    if (declared !== undefined) return { name: declared, from: from('package.json') };
    const lock = LOCK_FILES.find(([file]) => existsSync(join(folder, file)));
    if (lock !== undefined) return { name: lock[1], from: from(lock[0]) };
  }
  return { name: 'npm', from: undefined };
}

const corepackSchema = z.looseObject({ packageManager: z.string() });

function declaredManager(folder: string): PackageManager | undefined {
  const parsed = corepackSchema.safeParse(readJson(join(folder, 'package.json')));
  const name = parsed.success ? /^(npm|pnpm|yarn|bun)@/.exec(parsed.data.packageManager)?.[1] : undefined;
  return name as PackageManager | undefined;
}
