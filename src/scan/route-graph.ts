import { EMPTY_PATH, joinPatterns, normalizePath, type PathPattern } from './paths.ts';
import type { MutationMethod } from './report.ts';
import type { Site, Value } from './values.ts';

/** A router, an application or a plugin scope of any framework. */
export interface RouterNode {
  readonly framework: string;
  /** Serves requests by itself, so its routes need no mount to be reachable. */
  readonly isRoot: boolean;
  readonly site: Site;
  readonly mounts: Mount[];
  readonly routes: Route[];
}

export interface Mount {
  readonly child: RouterNode;
  readonly path: PathPattern;
}

export interface Route {
  readonly method: MutationMethod;
  readonly path: PathPattern;
  readonly site: Site;
  /** Middleware and handler in the order in which they run. */
  readonly handlers: readonly Value[];
  readonly declares?: Declarations;
}

/** What a registration says of the data, as schemas of some library. */
export interface Declarations {
  readonly body?: Value | undefined;
  /** By status, or one schema. */
  readonly responses?: Value | undefined;
}

/** A route with every prefix under which it can be reached. */
export interface FlatRoute {
  readonly method: MutationMethod;
  readonly path: string;
  readonly isPartial: boolean;
  readonly framework: string;
  readonly site: Site;
  readonly handlers: readonly Value[];
  readonly declares?: Declarations;
}

/** Mount chains longer than this are cycles in all but name. */
const MAX_MOUNT_DEPTH = 20;

export interface RouteGraph {
  readonly routers: readonly RouterNode[];
  add(router: RouterNode): RouterNode;
  flatten(): FlatRoute[];
}

/** Mounts a router, once a path. */
export function addMount(router: RouterNode, child: RouterNode, path: PathPattern): void {
  const isKnown = router.mounts.some((known) => known.child === child && known.path.path === path.path);
  if (!isKnown && child !== router) router.mounts.push({ child, path });
}

export function createRouteGraph(): RouteGraph {
  const routers: RouterNode[] = [];
  return {
    routers,
    add(router) {
      routers.push(router);
      return router;
    },
    flatten: () => flatten(routers),
  };
}

function flatten(routers: readonly RouterNode[]): FlatRoute[] {
  const mounted = new Set(routers.flatMap((router) => router.mounts.map((mount) => mount.child)));
  const reached = new Set<RouterNode>();
  const found = new Map<string, FlatRoute>();

  const visit = (router: RouterNode, prefix: PathPattern, trail: readonly RouterNode[]): void => {
    if (trail.includes(router) || trail.length > MAX_MOUNT_DEPTH) return;
    reached.add(router);
    for (const route of router.routes) {
      const full = joinPatterns(prefix, route.path);
      const path = normalizePath(full.path, full.isPartial);
      const key = `${route.method} ${path} ${route.site.file}:${route.site.line}`;
      const known = found.get(key);
      if (known !== undefined && (!known.isPartial || full.isPartial)) continue;
      found.set(key, {
        method: route.method,
        path,
        isPartial: full.isPartial,
        framework: router.framework,
        site: route.site,
        handlers: route.handlers,
        ...(route.declares === undefined ? {} : { declares: route.declares }),
      });
    }
    for (const mount of router.mounts) {
      visit(mount.child, joinPatterns(prefix, mount.path), [...trail, router]);
    }
  };

  const unmounted = routers.filter((router) => !mounted.has(router));
  for (const router of unmounted.filter((router) => router.isRoot)) visit(router, EMPTY_PATH, []);

  // A router that nothing mounts may be mounted by code we cannot see: its prefix is unknown. If another
  // run of the same registration was reached in full, that one is the truth.
  const complete = new Set([...found.values()].map(placeOf));
  const detached: PathPattern = { path: '', isPartial: true };
  const attached = new Map(found);
  for (const router of unmounted) if (!reached.has(router)) visit(router, detached, []);
  for (const router of routers) if (!reached.has(router)) visit(router, detached, []);
  return [...found]
    .filter(([key, route]) => attached.has(key) || !complete.has(placeOf(route)))
    .map(([, route]) => route)
    .filter((route, _, routes) => !route.isPartial || !isKnownWithout(prefixOf(route.path), route, routes));
}

/** Whether a route is there without a prefix that only the running program knows, as tenants have one. */
function isKnownWithout(prefix: string, route: FlatRoute, routes: readonly FlatRoute[]): boolean {
  if (prefix === '') return false;
  const path = route.path.slice(prefix.length) || '/';
  return routes.some((other) => !other.isPartial && other.path === path && placeOf(other) === placeOf(route));
}

function prefixOf(path: string): string {
  return /^\/\{[^}]*\}/.exec(path)?.[0] ?? '';
}

function placeOf(route: FlatRoute): string {
  return `${route.method} ${route.site.file}:${route.site.node.pos}-${route.site.node.end}`;
}
