import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { cacheFolder, contentHash, readCache, writeCache } from './cache-file.ts';
import { isGivenToRead, outlineHash } from './file-outline.ts';
import { fingerprintOf, type Fingerprint } from './fingerprint.ts';
import type { Inquiry } from './inquiry.ts';
import { modelFiles } from './models/index.ts';
import type { Payload, RouteHandler } from './payload.ts';
import type { Project, ts } from './project.ts';
import { functionsIn } from './unreached.ts';

const payloadSchema = z.custom<Payload>((value) => typeof value === 'object' && value !== null);
const cacheSchema = z.object({
  /** Of everything that any payload may depend on. */
  base: z.string(),
  /** The content that each file had, and what of it counts for routes that are registered elsewhere. */
  files: z.array(z.tuple([z.string(), z.string(), z.string().nullable()])),
  /** Payloads by route, each with the indexes of the files it depends on. */
  payloads: z.record(z.string(), z.object({ payload: payloadSchema, files: z.array(z.number()) })),
});
type Cache = z.output<typeof cacheSchema>;

/**
 * Payloads of routes, computed only where something that they depend on has changed since the last scan: the files
 * by which types and values lead to them, and what counts for all (dependencies, compiler options, table
 * definitions, registered schemas, which files there are).
 */
export function cachedPayloads<Item extends RouteHandler>(
  project: Project,
  routes: readonly Item[],
  inquiry: Inquiry,
  compute: (routes: readonly Item[]) => Payload[],
): Payload[] {
  const folder = cacheFolder(project.root);
  const kept = routes.filter(({ kind }) => kind === 'mutation');
  const sharedPrint = fingerprintOf(inquiry.registeredSchemas());
  if (folder === null || kept.length === 0 || sharedPrint === null) return compute(routes);
  const file = join(folder, `payloads-${contentHash(project.root).slice(0, 16)}.json`);
  const hashes = createHashes(project);
  const base = baseHash(project, sharedPrint);
  const stored = readCache(file, cacheSchema);
  const usable = stored?.base === base ? stored : null;

  const prints = new Map(kept.map((item) => [item, fingerprintOf([withoutChain(item.route), item.handler])]));
  const found = new Map<Item, Payload>();
  const payloads: Cache['payloads'] = {};
  const known = new Map((usable?.files ?? []).map((row) => [row[0], row]));
  const outline = createOutlines(project, routes, inquiry);
  const current = (usable?.files ?? []).map(
    ([path, hash, outlined]) => hashes(path) === hash || (outlined !== null && outline(path) === outlined),
  );
  // Before any payload is computed: what is followed for these was not followed for the routes.
  const written = [...new Set([...prints.values()].flatMap((print) => print?.files ?? []))];
  const outlines = new Map(written.map((file) => [file, outline(file)]));
  const table = createFileTable((file) => {
    const row = known.get(file);
    const hash = hashes(file);
    return [file, hash, outlines.get(file) ?? (row?.[1] === hash ? row[2] : null)];
  });
  for (const [item, print] of prints) {
    const entry = print === null ? undefined : usable?.payloads[print.hash];
    if (print === null || entry === undefined) continue;
    if (!entry.files.every((index) => current[index] === true)) continue;
    found.set(item, entry.payload);
    payloads[print.hash] = {
      payload: entry.payload,
      files: entry.files.map((index) => table.indexOf(usable?.files[index]?.[0] ?? '')),
    };
  }
  const missing = routes.filter((item) => !found.has(item));
  const computed = compute(missing);
  const graph = createDependencyGraph(project);
  missing.forEach((item, index) => {
    const payload = computed[index];
    const print = prints.get(item);
    if (payload === undefined) return;
    found.set(item, payload);
    if (print === null || print === undefined) return;
    const files = graph(print.files, item.route.site.node.getSourceFile().fileName);
    payloads[print.hash] = { payload, files: files.map(table.indexOf) };
  });
  if (usable === null || kept.some((item) => missing.includes(item))) {
    writeCache(file, { base, files: table.rows(), payloads } satisfies Cache);
  }
  return routes.flatMap((item) => found.get(item) ?? []);
}

/** How a route came by its path says nothing of its payload, and leads to all that is mounted beside it. */
function withoutChain({
  chain: _chain,
  ...route
}: RouteHandler['route']): Omit<RouteHandler['route'], 'chain'> {
  return route;
}

/** Files by number, with their content. */
function createFileTable(rowOf: (file: string) => Cache['files'][number]): {
  readonly indexOf: (file: string) => number;
  readonly rows: () => Cache['files'];
} {
  const indexes = new Map<string, number>();
  return {
    indexOf(file) {
      const index = indexes.get(file) ?? indexes.size;
      indexes.set(file, index);
      return index;
    },
    rows: () => [...indexes.keys()].map(rowOf),
  };
}

function createOutlines(
  project: Project,
  routes: readonly RouteHandler[],
  inquiry: Inquiry,
): (file: string) => string | null {
  const handlers = new Set(routes.flatMap(({ route }) => route.handlers.flatMap(functionsIn)));
  const isHandler = (node: ts.Node): boolean =>
    (handlers.has(node) || isGivenToRead(node)) && !inquiry.wasFollowed(node);
  const own = new Set(project.files);
  return (file) => (own.has(file) ? outlineHash(project.parse(file), isHandler) : null);
}

function createHashes(project: Project): (file: string) => string {
  const known = new Map<string, string>();
  const own = new Set(project.files);
  return (file) => {
    const hash = known.get(file) ?? (own.has(file) ? contentHash(project.text(file)) : hashOfFile(file));
    known.set(file, hash);
    return hash;
  };
}

/** The files that may have a part in a payload: what its own files lead to, and those that lead to its registration. */
function createDependencyGraph(project: Project): (files: readonly string[], site: string) => string[] {
  const importers = new Map<string, Set<string>>();
  for (const [file, targets] of project.imports) {
    for (const target of targets) {
      const known = importers.get(target);
      if (known === undefined) importers.set(target, new Set([file]));
      else known.add(file);
    }
  }
  return (files, site) => [
    ...new Set([...reachable(files, project.imports), ...reachable([site], importers)]),
  ];
}

function reachable(
  starts: readonly string[],
  edges: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const found = new Set(starts);
  for (const file of found) for (const next of edges.get(file) ?? []) found.add(next);
  return found;
}

const CONFIGURATION = /^(?:package\.json|(?:ts|js)config[^/]*\.json|.*lock.*|pnpm-workspace\.yaml)$/;
/** What installers leave to say which dependencies they have installed. */
const INSTALLED = ['.package-lock.json', '.modules.yaml', '.yarn-integrity', '.yarn-state.yml'];

/** Of what any payload may depend on, whatever file it is in. */
function baseHash(project: Project, shared: Fingerprint): string {
  const folders = new Set<string>();
  for (const file of [project.root + '/x', ...project.files]) {
    for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder);
      if (dirname(folder) === folder) break;
    }
  }
  const parts: string[] = [ownCode(), shared.hash, JSON.stringify(project.compilerOptions), ...project.files];
  for (const folder of [...folders].sort()) {
    for (const name of namesIn(folder).sort()) {
      if (CONFIGURATION.test(name)) parts.push(join(folder, name), hashOfFile(join(folder, name)));
    }
    for (const name of INSTALLED) parts.push(hashOfFile(join(folder, 'node_modules', name)));
  }
  for (const file of project.schemaFiles) parts.push(file, contentHash(project.text(file)));
  for (const file of [...project.globalFiles(), ...modelFiles(project), ...shared.files]) {
    parts.push(file, hashOfFile(file));
  }
  return contentHash(parts.join('\n'));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function hashOfFile(file: string): string {
  try {
    return contentHash(readFileSync(file, 'utf8'));
  } catch {
    return 'none';
  }
}

/** Which build of evtgen this is: its version does not tell, where it is being worked on. */
function ownCode(): string {
  const folder = dirname(fileURLToPath(import.meta.url));
  const folders = [folder, join(folder, '..', 'frameworks'), join(folder, '..', '..')];
  return folders
    .flatMap((inner) =>
      namesIn(inner).map((name) => {
        const stats = statSync(join(inner, name), { throwIfNoEntry: false });
        return stats?.isFile() === true ? `${name} ${stats.size} ${stats.mtimeMs}` : name;
      }),
    )
    .join('\n');
}
