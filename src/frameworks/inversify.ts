// https://github.com/inversify/inversify-express-utils#readme and https://inversify.io/framework/docs/introduction/getting-started/
import { isDynamicMethod, wordsOf } from '../scan/dynamic.ts';
import { EMPTY_PATH, joinPatterns, type PathPattern } from '../scan/paths.ts';
import { mutationMethod, mutationMethods, option, patternsOf, routersIn } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import { addMount, type RouteGraph, type RouterNode } from '../scan/route-graph.ts';
import {
  external,
  isUndefined,
  memberPath,
  native,
  UNDEFINED,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import { decoratedControllers, type DecoratedController, type Mark } from './decorated-controllers.ts';
import express from './express.ts';
import fastify from './fastify.ts';
import type { Framework, Routing } from './framework.ts';
import hono from './hono.ts';
import { inversifyHandlers } from './inversify-handlers.ts';

const packages = [
  'inversify-express-utils',
  '@inversifyjs/http-core',
  '@inversifyjs/http-express',
  '@inversifyjs/http-fastify',
  '@inversifyjs/http-hono',
];

/** The routers that servers put all controllers of a package on. */
const servers = new WeakMap<RouteGraph, { readonly router: RouterNode; readonly folder: string }[]>();

/** What the router of a server is mounted on. */
const applications = new WeakMap<RouterNode, Value>();

const inversify: Framework = {
  id: 'inversify',
  title: 'InversifyJS',
  packages,
  routerTypes: [],
  create(reference, args, site, routing) {
    const name = memberPath(reference).at(-1) ?? '';
    const [, second = UNDEFINED, third = UNDEFINED, fourth = UNDEFINED] = args;
    if (name === 'InversifyExpressServer') {
      const app = applicationOf(fourth, reference.from, site, routing);
      return serverOn(app, second, rootPaths(third), site, routing);
    }
    if (!/^Inversify\w+HttpAdapter$/.test(name)) return undefined;
    return serverOn(
      applicationOf(third, reference.from, site, routing),
      UNDEFINED,
      [EMPTY_PATH],
      site,
      routing,
    );
  },
  member(server, name, routing) {
    const app = applications.get(server.router) ?? UNDEFINED;
    switch (name) {
      case 'setConfig':
      case 'setErrorConfig':
        return native(([configure = UNDEFINED], site) => {
          routing.call(configure, [app], site);
          return server;
        });
      case 'build':
        return native(() => app);
      default:
        return undefined;
    }
  },
  complete(routing) {
    const made = servers.get(routing.graph) ?? [];
    for (const controller of decoratedControllers(routing, packages, /^[cC]ontroller$/, 'kept')) {
      const routes = routesOf(controller, routing);
      if (routes.length === 0) continue;
      const { node, scope } = controller.type;
      const folder = routing.packageFolder(scope.file);
      const near = made.filter((server) => server.folder === folder);
      const serving = (near.length > 0 ? near : made).map(({ router }) => router);
      // Without a server to be seen, somebody serves it.
      if (serving.length === 0) {
        serving.push(routing.graph.add({ ...newRouter(routing.siteOf(node)), isRoot: true }));
      }
      for (const router of serving) router.routes.push(...routes);
    }
  },
  handlers: inversifyHandlers,
};

export default inversify;

function newRouter(site: Site): RouterNode {
  return { framework: inversify.id, isRoot: false, site, mounts: [], routes: [] };
}

/** The application that a server is given, else the one that it makes for itself. */
function applicationOf(given: Value, from: string, site: Site, routing: Routing): Value {
  if (routersIn(given).length > 0) return given;
  const made = from.endsWith('fastify')
    ? fastify.create?.(external('fastify'), [], site, routing)
    : from.endsWith('hono')
      ? hono.create?.(external('hono', ['Hono']), [], site, routing)
      : express.create?.(external('express'), [], site, routing);
  return made ?? UNDEFINED;
}

/** A server that puts all controllers on an application, or on a router of the project that it mounts there. */
function serverOn(
  app: Value,
  custom: Value,
  roots: readonly PathPattern[],
  site: Site,
  routing: Routing,
): RouterValue {
  const router = routing.graph.add(newRouter(site));
  const own = routersIn(custom);
  for (const host of own) addMount(host, router, EMPTY_PATH, site);
  for (const host of routersIn(app)) {
    for (const child of own.length > 0 ? own : [router]) {
      for (const path of roots) addMount(host, child, path, site);
    }
  }
  const folder = routing.packageFolder(site.node.getSourceFile().fileName);
  servers.set(routing.graph, [...(servers.get(routing.graph) ?? []), { router, folder }]);
  applications.set(router, app);
  return { kind: 'router', router, properties: new Map() };
}

/** `{ rootPath: '/api' }`; null and nothing are the root itself. */
function rootPaths(config: Value): PathPattern[] {
  const root = option(config, 'rootPath');
  if (root !== undefined) return patternsOf(root);
  return config.kind === 'literal' ? [EMPTY_PATH] : patternsOf(config);
}

function routesOf({ mark, methods }: DecoratedController, routing: Routing): RouterNode['routes'] {
  const [base = UNDEFINED] = mark.args;
  return methods.flatMap(({ method, marks }) =>
    marks.flatMap((action) =>
      registrationsOf(action, routing).flatMap(({ verb, path }) =>
        pathsOf(option(base, 'path') ?? base).flatMap((above) =>
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

/** `@httpPost('/x')`, `@Post('/x')`, `@all('/x')`, `@httpMethod('post', '/x')` */
function registrationsOf(
  { name, args, site }: Mark,
  routing: Routing,
): { verb: MutationMethod; path: Value }[] {
  const [first = UNDEFINED, second = UNDEFINED] = args;
  if (name === 'httpMethod') {
    // `HTTP_VERBS_ENUM.post`
    const named = first.kind === 'external' ? memberPath(first) : [];
    const verb = named.at(-2) === 'HTTP_VERBS_ENUM' ? mutationMethod(named.at(-1) ?? '') : undefined;
    if (verb !== undefined) return [{ verb, path: second }];
    if (named.at(-2) !== 'HTTP_VERBS_ENUM' && isDynamicMethod(first)) {
      routing.unresolved(site, `dynamic_method: ${wordsOf(first)}`);
    }
    return mutationMethods(first).map((method) => ({ verb: method, path: second }));
  }
  const isRoute = /^(?:http)?(?:Post|Put|Patch|Delete)$|^[aA]ll$/.test(name);
  const verb = isRoute ? mutationMethod(name.replace('http', '')) : undefined;
  return verb === undefined ? [] : [{ verb, path: first }];
}

/** Options without a path are those of the root. */
function pathsOf(path: Value): PathPattern[] {
  return path.kind === 'object' || isUndefined(path) ? [EMPTY_PATH] : patternsOf(path);
}
