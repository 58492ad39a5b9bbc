import { statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import type { HandlerShape } from '../frameworks/framework.ts';
import { frameworks } from '../frameworks/index.ts';
import { EvtgenError } from '../ui/errors.ts';
import { dependencyNames } from './dependencies.ts';
import { discoverRoutes, WHOLE_PROJECT } from './discover.ts';
import { isEmitted } from '../generate/header.ts';
import { createFileFilter } from './file-filter.ts';
import { handlerName, handlerOf } from './handlers.ts';
import type { Inquiry } from './inquiry.ts';
import { nameRoutes, UNNAMED, type NamedRouteResult } from './name-routes.ts';
import { detectOrm } from './orm.ts';
import { otherInterfaces } from './other-interfaces.ts';
import { createProgress } from './progress.ts';
import { cachedPayloads } from './payload-cache.ts';
import { openTracing, payloadsOf, type Payload, type Tracing } from './payload.ts';
import { adviceFor } from './prefix-advice.ts';
import { withPrefixes, type Prefixes } from './prefixes.ts';
import { openProject, type Project } from './project.ts';
import type { Mutation, ScanReport, Unresolved } from './report.ts';
import type { FlatRoute } from './route-graph.ts';
import type { FunctionValue } from './values.ts';
import { manifestFile, packagesBelow } from './workspace.ts';

/** How many folders deep packages are looked for that may have been meant, and how many of them are named. */
const HINT_DEPTH = 2;
const MAX_HINTS = 6;

export interface ScanOptions {
  /** Glob patterns relative to the root; only matching files are scanned. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Parts of paths that only the running program knows, by their name, their line or their file; see `stepsOf`. */
  readonly prefixes?: Prefixes | undefined;
  /** Called with lines for people: what only the running program knows, and how to say it in the config. */
  readonly onAdvice?: ((lines: readonly string[]) => void) | undefined;
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
  return reportOf(findRoutes(root, options), options, started);
}

/** A report with the sources that it is of, for further questions about their code. */
export interface OpenScan {
  readonly report: ScanReport;
  readonly project: Project;
  readonly tracing: Tracing;
}

/** Scans as `scanProject` does, and keeps the sources open. */
export function openScan(root: string, options: ScanOptions = {}): OpenScan {
  const started = performance.now();
  const found = findRoutes(root, options);
  const report = reportOf(found, options, started);
  return { report, project: found.project, tracing: openTracing(found.project, found.inquiry) };
}

function reportOf(
  { project, routes: found, unresolved, dependencies, inquiry }: FoundRoutes,
  options: ScanOptions,
  started: number,
): ScanReport {
  const tell = createProgress(options.onProgress);
  const items = found.map((item) => ({ ...item, kind: item.name.kind }));
  const payloads =
    options.payloads === false
      ? []
      : cachedPayloads(project, items, inquiry, (missing) =>
          payloadsOf(project, missing, inquiry, (done) =>
            tell(`inferring payloads: ${done} of ${missing.length} handlers`),
          ),
        );
  const mutations = found.map((item, index) => mutationOf(project, item, payloads[index]));
  const others = otherInterfaces(project);
  return {
    schemaVersion: 1,
    root: project.root,
    frameworks: [...new Set(found.map(({ route }) => route.framework))].sort(),
    orm: detectOrm(dependencies),
    mutations: mutations.sort(byPlaceInApi),
    unresolved: [...unresolved].sort(byPlaceInCode),
    ...(others.length === 0 ? {} : { otherInterfaces: others }),
    stats: {
      files: project.files.length + project.tooLarge.length,
      parsed: project.parsedCount(),
      durationMs: Math.round(performance.now() - started),
    },
  };
}

/** A route with the function that answers it and the name that it gets among all routes of its project. */
export interface FoundRoute {
  readonly route: FlatRoute;
  readonly handler: FunctionValue | null;
  readonly shape: HandlerShape | undefined;
  readonly name: NamedRouteResult;
}

export interface FoundRoutes {
  readonly project: Project;
  readonly routes: readonly FoundRoute[];
  readonly unresolved: readonly Unresolved[];
  readonly dependencies: ReadonlySet<string>;
  readonly inquiry: Inquiry;
}

/**
 * All that a scan knows of routes before it looks at payloads.
 * @param isExplained values keep where they were written, and routes the calls that led to them.
 */
export function findRoutes(root: string, options: ScanOptions, isExplained = false): FoundRoutes {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new EvtgenError('no_such_folder', `there is no folder ${root}`);
  }
  const file = manifestFile(root);
  const manifest = file === undefined ? undefined : readTextIfPresent(file);
  if (manifest === undefined) {
    throw new EvtgenError('no_package_json', `there is no package.json in ${root}`, {
      hint: `name the folder of the package that holds your API${packagesHint(root)}`,
    });
  }
  const dependencies = dependencyNames(manifest);
  const tell = createProgress(options.onProgress);
  let isFollowing = true;
  const project = openProject(root, createFileFilter(options), (parsed, files) => {
    if (isFollowing) tell(`following routes: ${parsed} of ${files} files read`);
  });
  const {
    routes: discovered,
    unresolved: notFollowed,
    inquiry,
  } = discoverRoutes(project, frameworks, isExplained);
  isFollowing = false;
  const isTheirs = (file: string): boolean =>
    file === WHOLE_PROJECT || !isEmitted(project.text(join(project.root, file)));
  const unresolved = notFollowed.filter(({ file }) => isTheirs(file));
  const theirs = discovered.filter(({ site }) => isTheirs(site.file));
  const prefixes = options.prefixes ?? {};
  const used = new Set<string>();
  const routes = theirs.map((route) => withPrefixes(route, prefixes, used));
  const advice = options.onAdvice === undefined ? [] : adviceFor(theirs, prefixes, used);
  if (advice.length > 0) options.onAdvice?.(advice);
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
  return {
    project,
    routes: found.map((item, index) => ({ ...item, name: names[index] ?? UNNAMED })),
    unresolved,
    dependencies,
    inquiry,
  };
}

/** `backend` beside `frontend`: repositories that are no monorepo of any tool. */
function packagesHint(root: string): string {
  const folders = packagesBelow(root, HINT_DEPTH)
    .map(({ folder }) => relative(root, folder).split(sep).join('/'))
    .sort();
  if (folders.length === 0) return '';
  const shown = folders.slice(0, MAX_HINTS).join(', ');
  return `: ${shown}${folders.length > MAX_HINTS ? ', …' : ''}`;
}

function mutationOf(
  project: Project,
  { route, handler, name }: FoundRoute,
  payload: Payload | undefined,
): Mutation {
  const { file, line } = route.site;
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
    kind: name.kind,
    eventType: name.eventType,
    confidence: name.confidence,
    payload: payload?.schema ?? null,
    payloadSource: payload?.source ?? 'none',
    sensitive: payload?.sensitive ?? [],
  };
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
