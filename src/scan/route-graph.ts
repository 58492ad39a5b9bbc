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
  /** The call that mounts, or what else puts the child there. */
  readonly site: Site;
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
  readonly chain: Chain;
  readonly declares?: Declarations;
}

/** How a path came about: where the walk began, each mount on the way, and the route as registered. */
export interface Chain {
  readonly entry: RouterNode;
  /** Nothing that was followed mounts the entry, and it serves nothing by itself. */
  readonly isDetached: boolean;
  readonly mounts: readonly Mount[];
  readonly own: PathPattern;
}

/** Nobody mounts deeper; what does is a cycle that makes a new router each time around. */
const MAX_MOUNT_DEPTH = 20;

export interface RouteGraph {
  readonly routers: readonly RouterNode[];
  add(router: RouterNode): RouterNode;
  /** @param onCut called for a router whose routes are left out, since the mounts that lead to it are too many. */
  flatten(onCut?: (router: RouterNode) => void): FlatRoute[];
}

/** Mounts a router, once a path. */
export function addMount(router: RouterNode, child: RouterNode, path: PathPattern, site: Site): void {
  const isKnown = router.mounts.some((known) => known.child === child && known.path.path === path.path);
  if (!isKnown && child !== router) router.mounts.push({ child, path, site });
}

export function createRouteGraph(): RouteGraph {
  const routers: RouterNode[] = [];
  return {
    routers,
    add(router) {
      routers.push(router);
      return router;
    },
    flatten: (onCut) => flatten(routers, onCut),
  };
}

type Trail = Omit<Chain, 'own'>;

/** `app.use(render(app))`: middleware that is made from an application mounts it nowhere. */
function isMountedByItselfOnly(router: RouterNode, routers: readonly RouterNode[]): boolean {
  const below = new Set([router]);
  for (const inner of below) for (const { child } of inner.mounts) below.add(child);
  return routers.every((other) => below.has(other) || other.mounts.every(({ child }) => child !== router));
}

function flatten(routers: readonly RouterNode[], onCut?: (router: RouterNode) => void): FlatRoute[] {
  const mounted = new Set(routers.flatMap((router) => router.mounts.map((mount) => mount.child)));
  const reached = new Set<RouterNode>();
  const found = new Map<string, FlatRoute>();

  const visit = (router: RouterNode, prefix: PathPattern, trail: Trail): void => {
    const { mounts, entry } = trail;
    const isAround =
      router === entry ? mounts.length > 0 : mounts.slice(0, -1).some((mount) => mount.child === router);
    if (isAround) return;
    if (mounts.length > MAX_MOUNT_DEPTH) {
      onCut?.(router);
      return;
    }
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
        chain: { ...trail, own: route.path },
        ...(route.declares === undefined ? {} : { declares: route.declares }),
      });
    }
    for (const mount of router.mounts) {
      visit(mount.child, joinPatterns(prefix, mount.path), { ...trail, mounts: [...mounts, mount] });
    }
  };

  const unmounted = routers.filter(
    (router) => !mounted.has(router) || (router.isRoot && isMountedByItselfOnly(router, routers)),
  );
  for (const entry of unmounted.filter((router) => router.isRoot)) {
    visit(entry, EMPTY_PATH, { entry, isDetached: false, mounts: [] });
  }

  // A router that nothing mounts may be mounted by code we cannot see: its prefix is unknown. If another
  // run of the same registration was reached in full, that one is the truth.
  const complete = new Set([...found.values()].map(placeOf));
  const detached: PathPattern = { path: '', isPartial: true };
  const attached = new Map(found);
  const visitDetached = (entry: RouterNode): void => {
    if (!reached.has(entry)) visit(entry, detached, { entry, isDetached: true, mounts: [] });
  };
  unmounted.forEach(visitDetached);
  routers.forEach(visitDetached);
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
