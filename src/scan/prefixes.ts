import { normalizePath, type PathPattern } from './paths.ts';
import type { FlatRoute } from './route-graph.ts';
import type { Site } from './values.ts';

/** One part of a route's path, with the place that gives it. */
export interface PathStep {
  /** What gives it: `mount`, `route`, or what a framework calls it. `unmounted` where nothing that was followed does. */
  readonly label: string;
  readonly pattern: PathPattern;
  readonly site: Site;
  /** The key of `scan.prefixes` that said what was unknown of it. */
  readonly given: string | null;
}

/** `scan.prefixes` of the config: what only the running program knows, by where it is missing. */
export type Prefixes = Readonly<Record<string, string>>;

const HOLE = /\{([^{}/:\s]+)\}/g;

/**
 * The parts of a route's path, outermost first. What is unknown of them is taken from `prefixes`, whose keys are, the
 * most telling first: the unknown as the path names it (`{config.prefix}`), the line of a mount or registration
 * (`src/app.ts:12`), the file of one, which stands for the first unknown in it, and the file that registers the route,
 * which stands for the first unknown of the path.
 */
export function stepsOf({ chain, site }: FlatRoute, prefixes: Prefixes = {}): PathStep[] {
  const { entry, isDetached, mounts, own } = chain;
  const bare: PathStep[] = [
    ...(isDetached ? [unmounted(entry.site)] : []),
    ...mounts.map((mount) => step('mount', mount.path, mount.site)),
    ...(own.pieces?.map((piece) => step(piece.label, piece.pattern, piece.site)) ?? [
      step('route', own, site),
    ]),
  ];
  const byName = bare.map((known) => named(known, prefixes));
  const byLine = byName.map((known) => filled(known, `${known.site.file}:${known.site.line}`, prefixes));
  const filledFiles = new Set<string>();
  const byFile = byLine.map((known) => {
    const { file } = known.site;
    if (filledFiles.has(file)) return known;
    const next = filled(known, file, prefixes);
    if (next !== known) filledFiles.add(file);
    return next;
  });
  if (filledFiles.has(site.file)) return byFile;
  const first = byFile.findIndex((known) => isUnknown(known.pattern));
  return byFile.map((known, index) => (index === first ? filled(known, site.file, prefixes) : known));
}

function step(label: string, pattern: PathPattern, site: Site): PathStep {
  return { label, pattern, site, given: null };
}

function unmounted(site: Site): PathStep {
  return step('unmounted', { path: '', isPartial: true }, site);
}

/** The unknown parts of a pattern as the path names them. */
export function holesIn(pattern: PathPattern): string[] {
  return pattern.isPartial ? [...pattern.path.matchAll(HOLE)].map(([hole]) => hole) : [];
}

function isUnknown(pattern: PathPattern): boolean {
  return pattern.isPartial;
}

function named(known: PathStep, prefixes: Prefixes): PathStep {
  let current = known;
  for (const hole of holesIn(known.pattern)) {
    const value = Object.hasOwn(prefixes, hole) ? prefixes[hole] : undefined;
    if (value !== undefined) current = { ...withText(current, hole, value), given: hole };
  }
  return current;
}

function filled(known: PathStep, key: string, prefixes: Prefixes): PathStep {
  const value = Object.hasOwn(prefixes, key) ? prefixes[key] : undefined;
  if (value === undefined || !isUnknown(known.pattern)) return known;
  return { ...withText(known, holesIn(known.pattern)[0], value), given: key };
}

/** In place of a hole, or of the whole where it has none: one of several guesses, or nothing at all. */
function withText(known: PathStep, hole: string | undefined, value: string): PathStep {
  const path = hole === undefined ? value : known.pattern.path.replaceAll(hole, () => value);
  const pattern = { ...known.pattern, path };
  return { ...known, pattern: { ...pattern, isPartial: holesIn(pattern).length > 0 } };
}

/** The route with what `scan.prefixes` says of its path; the keys that said something are added to `used`. */
export function withPrefixes(route: FlatRoute, prefixes: Prefixes, used: Set<string>): FlatRoute {
  if (!route.isPartial || Object.keys(prefixes).length === 0) return route;
  const steps = stepsOf(route, prefixes);
  for (const { given } of steps) if (given !== null) used.add(given);
  if (steps.every(({ given }) => given === null)) return route;
  const isPartial = steps.some(({ pattern }) => pattern.isPartial);
  return {
    ...route,
    path: normalizePath(steps.map(({ pattern }) => pattern.path).join('/'), isPartial),
    isPartial,
  };
}

/** A line for `scan.prefixes` that would complete paths. */
export interface MissingPrefix {
  readonly key: string;
  /** What the sources say it may be; null where they say nothing. */
  readonly guess: string | null;
  /** How many paths lack it. */
  readonly count: number;
  readonly site: Site;
  /** How the path names it; null where nothing that was followed mounts the router. */
  readonly hole: string | null;
}

/** What only the running program knows and a line in the config could say, what completes most paths first. */
export function missingPrefixes(routes: readonly FlatRoute[], prefixes: Prefixes = {}): MissingPrefix[] {
  const gaps = routes
    .filter((route) => route.isPartial)
    .flatMap((route) =>
      gapsOf(stepsOf(route, prefixes)).map((gap) => ({ ...gap, routeFile: route.site.file })),
    );
  const found = new Map<string, MissingPrefix>();
  for (const gap of gaps) {
    const key = keyFor(gap, gaps);
    const known = found.get(key);
    const guess = holesIn(gap.pattern).length === 0 && gap.pattern.path !== '' ? gap.pattern.path : null;
    found.set(key, {
      key,
      guess,
      count: (known?.count ?? 0) + 1,
      site: known?.site ?? gap.site,
      hole: holesIn(gap.pattern)[0] ?? null,
    });
  }
  return [...found.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
}

interface Gap extends PathStep {
  /** Where the route is registered whose path lacks something. */
  readonly routeFile: string;
}

/** Steps that lack what stands before something known: a leaf that is unknown as a whole is no prefix. */
function gapsOf(steps: readonly PathStep[]): PathStep[] {
  return steps.filter(({ pattern }, index) => {
    if (!isUnknown(pattern)) return false;
    if (index < steps.length - 1) return true;
    return /^\/?\{[^{}/:\s]+\}\/[^{]/.test(pattern.path);
  });
}

/** The shortest key that means this gap and no other: its name if that means the same everywhere, its file, its line. */
function keyFor(gap: Gap, gaps: readonly Gap[]): string {
  const [hole] = holesIn(gap.pattern);
  const { file, line } = gap.site;
  const same = hole === undefined ? [] : gaps.filter((other) => holesIn(other.pattern).includes(hole));
  const isHere = (other: Gap): boolean => other.site.file === file && other.site.line === line;
  const isOnePlace = same.every(isHere);
  // `config.prefix` and `API_PREFIX` are settings, of which a program has one; `prefix` may be any variable.
  const isSetting = hole !== undefined && (/[\w)\]]\.\w/.test(hole) || /^\{[A-Z][A-Z\d_]*\}$/.test(hole));
  if (hole !== undefined && (isOnePlace || isSetting)) return hole;
  const isOnlyInFile = gaps.every(
    (other) => isHere(other) || (other.site.file !== file && other.routeFile !== file),
  );
  return isOnlyInFile ? file : `${file}:${line}`;
}
