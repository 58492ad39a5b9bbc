import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, posix, relative } from 'node:path';
import type { Config } from '../config/load.ts';
import { sourceOf } from '../config/source.ts';
import { openProject } from '../scan/project.ts';
import { findWorkspace, foldersUpwards, type Workspace } from '../scan/workspace.ts';
import { brokerBinding, type BrokerBinding } from '../brokers/index.ts';
import { transports, type TransportBinding } from '../transports/index.ts';
import { metricsBindings, type MetricsBinding } from '../metrics/index.ts';
import { receivers, type ReceiverBinding } from '../receivers/index.ts';
import { chooseStore, stores, type StoreBinding } from '../stores/index.ts';
import type { RouteBinding } from '../routes/index.ts';
import { EvtgenError } from '../ui/errors.ts';
import { detectDatabase, findOtherDialect, type DetectedDatabase } from './detect-database.ts';
import { detectFramework } from './detect-framework.ts';
import { detectDialect, type Dialect } from './dialect.ts';
import {
  findDatabase,
  findMountPlace,
  isNamed,
  isWritten,
  type DatabaseExport,
  type MountPlace,
} from './find-anchors.ts';
import { emittedPath } from './language.ts';
import { testsFolder } from './tests-folder.ts';
import { appRouterFolder, nextBasePath } from './next-app.ts';
import { findMigrations, type MigrationFolder } from './migrations.ts';
import {
  dependenciesWith,
  detectPackageManager,
  linkedClient,
  readPackage,
  type LinkedPackage,
  type PackageFacts,
  type PackageManager,
} from './package.ts';

/** Where another package of the monorepo keeps its migrations; folders are relative to the project. */
export interface LinkedMigrations {
  /** The package's folder. */
  readonly package: string;
  readonly folder: string;
  readonly dependencies: ReadonlyMap<string, string>;
}

/** What generate needs to know of a project: configured where the config says so, else detected. */
export interface ProjectFacts {
  readonly root: string;
  /** URI-reference for the envelopes: `/` and the package's name unless configured. */
  readonly source: string;
  /** Version ranges of all that can be imported, by name; of a monorepo, what its root has for all is among it. */
  readonly dependencies: ReadonlyMap<string, string>;
  /** Names of the package's scripts. */
  readonly scripts: ReadonlySet<string>;
  readonly packageManager: PackageManager;
  /** Of a monorepo, whose packages have packages of their own to install. */
  readonly isWorkspaceRoot: boolean;
  readonly dialect: Dialect;
  readonly output: string;
  readonly framework: RouteBinding;
  /** Where the routes are, as clients see it; empty for the root. */
  readonly basePath: string;
  /** What of that the framework takes off a path before it looks for a route: `basePath` of Next.js. */
  readonly outerPath: string;
  /** That of Next.js, for its route files. */
  readonly appFolder: string;
  /** Where route files lie, or would. */
  readonly routesFolder: string;
  readonly migrations: MigrationFolder;
  /** Those of the package of the monorepo that has the client of the database. */
  readonly linkedMigrations: LinkedMigrations | undefined;
  readonly store: StoreBinding;
  /** What the project keeps its data in, where something tells. */
  readonly databaseServer: DetectedDatabase | undefined;
  /** What the data may be in as well, by what the sources set the ORM to. */
  readonly otherDialect: DetectedDatabase | undefined;
  /** What the background work runs on, where the project exports it. */
  readonly database: DatabaseExport | undefined;
  /** The emitted code connects by DATABASE_URL, which the project knows nothing of. */
  readonly isUrlUnknown: boolean;
  readonly mountPlace: MountPlace | undefined;
  /** The emitted routes are mounted already, or need not be. */
  readonly isMounted: boolean;
  readonly testRunner: 'vitest' | 'jest';
  /** Where the emitted tests go. */
  readonly testsFolder: string;
  /** Vitest has settings of the team, which are not for the emitted tests. */
  readonly isVitestConfigured: boolean;
  readonly broker: BrokerBinding | undefined;
  readonly transport: TransportBinding;
  readonly metrics: MetricsBinding | undefined;
  readonly receiver: ReceiverBinding | undefined;
  readonly hasInbox: boolean;
  /** Whether the project has a file of its own at a path. */
  hasFile(path: string): boolean;
}

/**
 * Reads a project without running any of it.
 * @param ownFiles decides which files evtgen wrote itself: they say nothing about the team's ways.
 * @throws EvtgenError for a folder that is none, has no package.json, or is of a kind not supported.
 */
export function readProject(
  root: string,
  config: Config,
  output: string,
  ownFiles: (path: string) => boolean,
): ProjectFacts {
  const facts = readPackage(root);
  const workspace = findWorkspace(root);
  const { manifest, available } = facts;
  const framework = detectFramework(config, manifest);
  const store = projectStore(config, facts);
  const inner = packagesIn(root, workspace);
  const project = openProject(
    root,
    (path) => !ownFiles(path) && !inner.some((folder) => path.startsWith(`${folder}/`)),
  );
  const dialect = detectDialect(project, manifest.type, output);
  const outerPath = framework.id === 'next' ? nextBasePath(project) : '';
  const database = findDatabase(project);
  const migrations = findMigrations(root, config.migrations, store.migrations);
  return {
    root,
    source: sourceOf(config, manifest.name, root),
    dependencies: available,
    scripts: new Set(Object.keys(manifest.scripts ?? {})),
    packageManager: detectPackageManager(root).name,
    isWorkspaceRoot: workspace.isMonorepo && workspace.root === root,
    dialect,
    output,
    framework,
    basePath: below(outerPath, config.basePath ?? framework.basePath ?? ''),
    outerPath,
    appFolder: appRouterFolder(root),
    routesFolder: routesFolder(root, output),
    migrations,
    linkedMigrations: linkedMigrations(root, facts, config, migrations),
    store,
    databaseServer: projectDatabase(root, facts, config),
    otherDialect: /^(?:sequelize|typeorm|knex)$/.test(store.id) ? findOtherDialect(project) : undefined,
    database,
    isUrlUnknown: database === undefined && !isWritten(project, 'DATABASE_URL'),
    mountPlace: findMountPlace(project, framework.mount?.wire),
    isMounted: framework.mount === undefined || isNamed(project, framework.mount.name),
    testRunner: testRunner(facts),
    testsFolder: testsFolder(root, dialect, output),
    isVitestConfigured: foldersUpwards(root).some(hasVitestConfig),
    broker: brokerBinding(config.broker, available),
    transport: transports.find(({ id }) => id === config.transport) ?? transports[0],
    metrics: metricsBindings.find(({ id }) => id === config.metrics),
    receiver: receivers.find(({ id }) => id === config.receiver),
    hasInbox: config.inbox === true,
    hasFile: (path) =>
      [path, emittedPath(dialect, path)].some((one) => existsSync(join(root, one)) && !ownFiles(one)),
  };
}

/** The path as clients see it, however it was said. */
function below(outerPath: string, path: string): string {
  return path === outerPath || path.startsWith(`${outerPath}/`) ? path : outerPath + path;
}

/** What lies in them is not the root's: its ways and its server are others. */
function packagesIn(root: string, workspace: Workspace): string[] {
  if (!workspace.isMonorepo || workspace.root !== root) return [];
  const folders = workspace.packages().map(({ folder }) => relative(root, folder).replaceAll('\\', '/'));
  return folders.filter((folder) => folder !== '');
}

/** The configured one, else what the package reaches its data with. */
export function projectStore(config: Config, facts: PackageFacts): StoreBinding {
  const names = stores.flatMap(({ packages }) => packages);
  return chooseStore(
    config.store,
    linkedStore(facts, config)?.dependencies ?? dependenciesWith(facts, names),
  );
}

/** Where the project has migrations of its own, it runs them itself. */
function linkedMigrations(
  root: string,
  facts: PackageFacts,
  config: Config,
  own: MigrationFolder,
): LinkedMigrations | undefined {
  const linked = linkedStore(facts, config);
  if (linked === undefined || own.names.some((name) => !/evtgen/i.test(name))) return undefined;
  const { folder, names, format } = findMigrations(linked.folder, undefined, own.format);
  if (names.length === 0 || format !== own.format) return undefined;
  const path = relative(root, linked.folder).replaceAll('\\', '/');
  return { package: path, folder: `${path}/${folder}`, dependencies: linked.dependencies };
}

/** The package of the monorepo that has the client of the database, where it is not the package itself. */
function linkedStore(facts: PackageFacts, { store }: Config): LinkedPackage | undefined {
  if (
    store !== undefined &&
    (stores.find(({ id }) => id === store)?.packages ?? []).some((name) => facts.available.has(name))
  )
    return undefined;
  const names = stores.flatMap(({ packages }) => packages);
  // The drivers are what the emitted code itself needs: one says nothing against an ORM in a package of its own.
  const mappers = stores.filter(({ isDriver }) => isDriver !== true).flatMap(({ packages }) => packages);
  return (linkedClient(facts, mappers) ?? linkedClient(facts, names))?.from;
}

/** What the package says that has the client of the database, else what any says that this one depends on. */
export function projectDatabase(
  root: string,
  facts: PackageFacts,
  config: Config,
): DetectedDatabase | undefined {
  const linked = linkedStore(facts, config);
  const own = linked === undefined ? detectDatabase(root, facts.available) : undefined;
  if (own !== undefined) return own;
  for (const { name, folder, dependencies } of linked === undefined ? facts.linked() : [linked]) {
    const found = detectDatabase(folder, dependencies);
    if (found !== undefined) return { ...found, from: `${found.from} of ${name}` };
  }
  return detectDatabase(root, facts.available);
}

function testRunner(facts: PackageFacts): 'vitest' | 'jest' {
  const dependencies = dependenciesWith(facts, ['vitest', 'jest']);
  return !dependencies.has('vitest') && dependencies.has('jest') ? 'jest' : 'vitest';
}

function hasVitestConfig(folder: string): boolean {
  return readdirSync(folder).some((name) => /^vite(?:st)?\.(?:config|workspace)\.[cm]?[jt]s$/.test(name));
}

/** @throws EvtgenError `no_such_folder` */
export function checkFolder(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new EvtgenError('no_such_folder', `${root} is no folder`);
  }
}

/** The shallowest folder named `routes` or `routers` in the sources, else one beside the generated code. */
function routesFolder(root: string, output: string): string {
  const base = existsSync(join(root, 'src')) ? 'src' : '.';
  let level = [join(root, base)];
  for (let depth = 0; depth < 4 && level.length > 0; depth += 1) {
    const folders = level.flatMap(subfolders);
    const found = folders.find((folder) => /^route(?:r)?s$/.test(basename(folder)));
    if (found !== undefined) return relative(root, found).replaceAll('\\', '/');
    level = folders;
  }
  return posix.join(base === '.' ? posix.dirname(output) : base, 'routes');
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(?:\.|node_modules$|dist$|build$)/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}
