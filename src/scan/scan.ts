import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import { frameworks } from '../frameworks/index.ts';
import { EvtgenError } from '../ui/errors.ts';
import { dependencyNames } from './dependencies.ts';
import { discoverRoutes, WHOLE_PROJECT } from './discover.ts';
import { isEmitted } from '../generate/header.ts';
import { createFileFilter } from './file-filter.ts';
import { handlerName, handlerOf } from './handlers.ts';
import { nameRoutes } from './name-routes.ts';
import { detectOrm } from './orm.ts';
import { normalizePath } from './paths.ts';
import { payloadsOf } from './payload.ts';
import { createProgress } from './progress.ts';
import { cachedPayloads } from './payload-cache.ts';
import { openProject } from './project.ts';
import type { Mutation, ScanReport, Unresolved } from './report.ts';
import type { FlatRoute } from './route-graph.ts';

export interface ScanOptions {
  /** Glob patterns relative to the root; only matching files are scanned. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Path prefixes that only the running program knows, by the file that registers the routes. */
  readonly prefixes?: Readonly<Record<string, string>> | undefined;
  /** Called as the work goes on, with a phrase for people. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** False leaves every payload unknown: no type is looked at. */
  readonly payloads?: boolean | undefined;
}

/**
 * Finds every mutation that a project's sources register. Reads sources only: nothing is executed, and the
 * project's dependencies need not be installed.
 * @param root absolute path of a folder with a package.json.
 * @throws EvtgenError `no_such_folder` or `no_package_json`.
 */
export function scanProject(root: string, options: ScanOptions = {}): ScanReport {
  const started = performance.now();
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new EvtgenError('no_such_folder', `there is no folder ${root}`);
  }
  const manifest = readTextIfPresent(join(root, 'package.json'));
  if (manifest === undefined) {
    throw new EvtgenError('no_package_json', `there is no package.json in ${root}`, {
      hint: 'point scan at the folder of the package that holds your API',
    });
  }
  const dependencies = dependencyNames(manifest);
  const tell = createProgress(options.onProgress);
  let phase: 'routes' | 'payloads' = 'routes';
  const project = openProject(root, createFileFilter(options), (parsed, files) => {
    if (phase === 'routes') tell(`following routes: ${parsed} of ${files} files read`);
  });
  const { routes: discovered, unresolved: notFollowed, inquiry } = discoverRoutes(project, frameworks);
  const isTheirs = (file: string): boolean =>
    file === WHOLE_PROJECT || !isEmitted(project.text(join(project.root, file)));
  const unresolved = notFollowed.filter(({ file }) => isTheirs(file));
  const theirs = discovered.filter(({ site }) => isTheirs(site.file));
  const routes = theirs.map((route) => withConfiguredPrefix(route, options.prefixes ?? {}));
  const found = routes.map((route) => {
    const shape = frameworks.find((framework) => framework.id === route.framework)?.handlers;
    const handler = shape === undefined ? null : handlerOf(route.handlers, shape);
    return { route, handler, shape };
  });
  const names = nameRoutes(
    found.map(({ route, handler }) => ({
      method: route.method,
      path: route.path,
      handlerName: handler === null ? null : handlerName(handler),
      identity: `${route.site.file}:${route.site.node.end}`,
    })),
  );
  phase = 'payloads';
  const items = found.map((item, index) => ({ ...item, kind: names[index]?.kind ?? 'mutation' }));
  const payloads =
    options.payloads === false
      ? []
      : cachedPayloads(project, items, inquiry.registeredSchemas(), (missing) =>
          payloadsOf(project, missing, inquiry, (done) =>
            tell(`inferring payloads: ${done} of ${missing.length} handlers`),
          ),
        );
  const mutations = found.map(({ route, handler }, index): Mutation => {
    const { file, line } = route.site;
    const name = names[index];
    const payload = payloads[index];
    const place = handler === null ? null : project.siteOf(handler.node);
    return {
      method: route.method,
      path: route.path,
      framework: route.framework,
      file,
      line,
      ...(handler === null || place === null
        ? {}
        : { handler: { name: handlerName(handler), file: place.file, line: place.line } }),
      partial: route.isPartial,
      kind: name?.kind ?? 'mutation',
      eventType: name?.eventType ?? null,
      confidence: name?.confidence ?? 'low',
      payload: payload?.schema ?? null,
      payloadSource: payload?.source ?? 'none',
      sensitive: payload?.sensitive ?? [],
    };
  });
  return {
    schemaVersion: 1,
    root: project.root,
    frameworks: [...new Set(routes.map((route) => route.framework))].sort(),
    orm: detectOrm(dependencies),
    mutations: mutations.sort(byPlaceInApi),
    unresolved: [...unresolved].sort(byPlaceInCode),
    stats: {
      files: project.files.length + project.tooLarge.length,
      parsed: project.parsedCount(),
      durationMs: Math.round(performance.now() - started),
    },
  };
}

/** What the program alone knows, supplied by `scan.prefixes` of the config. */
function withConfiguredPrefix(route: FlatRoute, prefixes: Readonly<Record<string, string>>): FlatRoute {
  const { file } = route.site;
  const prefix = Object.hasOwn(prefixes, file) ? prefixes[file] : undefined;
  if (prefix === undefined || !route.isPartial) return route;
  const known = route.path.replace(/^\/\{[^}]*\}/, '');
  const isPartial = known.includes('{');
  return { ...route, path: normalizePath(`${prefix}/${known}`, isPartial), isPartial };
}

function byPlaceInApi(a: Mutation, b: Mutation): number {
  return compare(a.path, b.path) || compare(a.method, b.method) || byPlaceInCode(a, b);
}

function byPlaceInCode(a: Pick<Unresolved, 'file' | 'line'>, b: Pick<Unresolved, 'file' | 'line'>): number {
  return compare(a.file, b.file) || a.line - b.line;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
