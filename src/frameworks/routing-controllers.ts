// https://github.com/typestack/routing-controllers#readme
import { EMPTY_PATH, joinPatterns, type PathPattern } from '../scan/paths.ts';
import { mutationMethod, mutationMethods, option, patternsOf, routersIn } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import { addMount, type RouteGraph, type RouterNode } from '../scan/route-graph.ts';
import {
  external,
  isUndefined,
  memberPath,
  UNDEFINED,
  type ClassValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import {
  decoratedControllers,
  decoratedHandlers,
  type DecoratedController,
  type Mark,
} from './decorated-controllers.ts';
import express from './express.ts';
import type { Framework, Routing } from './framework.ts';
import koa from './koa.ts';

const packages = ['routing-controllers'];

/** A server that controllers are put on. */
interface Server {
  readonly router: RouterNode;
  /** What its option `controllers` says: classes, or patterns of file names. */
  readonly controllers: Value;
}

const servers = new WeakMap<RouteGraph, Server[]>();

const routingControllers: Framework = {
  id: 'routing-controllers',
  title: 'routing-controllers',
  packages,
  routerTypes: [],
  create(reference, args, site, routing) {
    switch (memberPath(reference).at(-1)) {
      case 'createExpressServer':
        return serverOn(express.create?.(external('express'), [], site, routing), args[0], site, routing);
      case 'createKoaServer':
        return serverOn(koa.create?.(external('koa'), [], site, routing), args[0], site, routing);
      case 'useExpressServer':
      case 'useKoaServer':
        return serverOn(args[0], args[1], site, routing);
      case 'createExecutor':
        return serverOn(undefined, args[1], site, routing);
      default:
        return undefined;
    }
  },
  complete(routing) {
    const controllers = decoratedControllers(routing, packages, /^(?:Json)?Controller$/);
    const types = controllers.map(({ type }) => type);
    const made = servers.get(routing.graph) ?? [];
    const lists = made.map((server) => ({
      router: server.router,
      types: listedIn(server.controllers, types),
    }));
    for (const controller of controllers) {
      const routes = routesOf(controller);
      const serving = lists.filter((list) => list.types?.has(controller.type) ?? true);
      // What no server lists is not served; without a server to be seen, somebody serves it all.
      if (routes.length === 0 || (serving.length === 0 && made.length > 0)) continue;
      const site = routing.siteOf(controller.type.node);
      const lone = (): RouterNode => routing.graph.add({ ...newRouter(site), isRoot: true });
      const routers = made.length > 0 ? serving.map(({ router }) => router) : [lone()];
      for (const router of routers) router.routes.push(...routes);
    }
  },
  handlers: decoratedHandlers,
};

export default routingControllers;

function newRouter(site: Site): RouterNode {
  return { framework: routingControllers.id, isRoot: false, site, mounts: [], routes: [] };
}

/** Puts the controllers that the options name on an application of Express or Koa; on none, they serve alone. */
function serverOn(app: Value | undefined, options: Value | undefined, site: Site, routing: Routing): Value {
  const hosts = app === undefined ? [] : routersIn(app);
  const router = routing.graph.add({ ...newRouter(site), isRoot: hosts.length === 0 });
  const prefix = option(options, 'routePrefix');
  const [path = EMPTY_PATH] = prefix === undefined || isUndefined(prefix) ? [] : patternsOf(prefix);
  const inner = routing.graph.add(newRouter(site));
  addMount(router, inner, path, site);
  for (const host of hosts) addMount(host, router, EMPTY_PATH, site);
  const made = servers.get(routing.graph) ?? [];
  servers.set(routing.graph, [
    ...made,
    { router: inner, controllers: option(options, 'controllers') ?? UNDEFINED },
  ]);
  return app ?? UNDEFINED;
}

/** Those of all controllers that an option names; null where it does not tell, so that it may be any. */
function listedIn(controllers: Value, all: readonly ClassValue[]): Set<ClassValue> | null {
  if (controllers.kind === 'list' && controllers.items.length === 0) return null;
  const named = new Set<ClassValue>();
  for (const item of controllers.kind === 'list' ? controllers.items : [controllers]) {
    if (item.kind === 'class') {
      named.add(item);
      continue;
    }
    // `__dirname + '/controllers/*{.js,.ts}'`
    const folder = item.kind === 'literal' ? String(item.value).replace(/[^/]*[*{?[].*$/s, '') : '';
    const found = folder.startsWith('/') ? all.filter((type) => type.scope.file.startsWith(folder)) : [];
    // A folder of built files says nothing about sources.
    if (found.length === 0) return null;
    for (const type of found) named.add(type);
  }
  return named;
}

function routesOf({ mark, methods }: DecoratedController): RouterNode['routes'] {
  const [base = UNDEFINED] = mark.args;
  return methods.flatMap(({ method, marks }) =>
    marks.flatMap((action) =>
      registrationsOf(action).flatMap(({ verb, path }) =>
        pathsOf(base).flatMap((above) =>
          pathsOf(path).map((below) => ({
            method: verb,
            path: joinPatterns(above, below),
            site: action.site,
            handlers: [method],
          })),
        ),
      ),
    ),
  );
}

/** `@Post('/x')`, `@All('/x')`, `@Method('post', '/x')` */
function registrationsOf({ name, args }: Mark): { verb: MutationMethod; path: Value }[] {
  const [first = UNDEFINED, second = UNDEFINED] = args;
  if (name === 'Method') return mutationMethods(first).map((verb) => ({ verb, path: second }));
  const verb = /^(?:Post|Put|Patch|Delete|All)$/.test(name) ? mutationMethod(name) : undefined;
  return verb === undefined ? [] : [{ verb, path: first }];
}

function pathsOf(path: Value): PathPattern[] {
  return isUndefined(path) || path.kind === 'object' ? [EMPTY_PATH] : patternsOf(path);
}
