// https://hono.dev/docs/api/routing and https://github.com/honojs/middleware/tree/main/packages/zod-openapi
import { isDynamicMethod, wordsOf } from '../scan/dynamic.ts';
import { EMPTY_PATH, type PathPattern } from '../scan/paths.ts';
import {
  bracedPatterns,
  flat,
  mutationMethod,
  mutationMethods,
  option,
  patternsOf,
  routersIn,
} from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { jsonCalls, parameterName } from '../scan/responses.ts';
import { addMount, type Declarations, type RouterNode } from '../scan/route-graph.ts';
import {
  list,
  memberPath,
  native,
  UNDEFINED,
  unknown,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';

const packages = [
  'hono',
  'hono/quick',
  'hono/tiny',
  'hono/factory',
  'hono/preset',
  '@hono/hono',
  'jsr:@hono/hono',
  'npm:hono',
  '@hono/zod-openapi',
  'chanfana',
];

/** Functions that give back what they are given, for the types of it. */
const GIVE_BACK: ReadonlyMap<string, readonly string[]> = new Map([
  ['@hono/zod-openapi', ['createRoute', 'defineOpenAPIRoute', '$']],
  ['chanfana', ['fromHono']],
]);

/** Routers that `basePath` returned, with the router whose routes theirs become. */
const based = new WeakMap<RouterNode, RouterNode>();

/** Where a router keeps the path that handlers given without one are for. */
const LAST_PATH = '#path';

const hono: Framework = {
  id: 'hono',
  title: 'Hono',
  packages,
  routerTypes: ['Hono', 'OpenAPIHono'],
  create(reference, args, site, routing) {
    const name = memberPath(reference).at(-1);
    if (name === 'createHandlers') return list(args);
    const isFactoryCall = name === 'createApp' && reference.from === 'hono/factory';
    if (isFactoryCall) return routerValue(site, routing, true);
    if (reference.steps.some((step) => typeof step !== 'string')) return undefined;
    const isGivenBack = name !== undefined && GIVE_BACK.get(reference.from)?.includes(name) === true;
    if (isGivenBack) return args[0];
    return name === 'Hono' || name === 'OpenAPIHono' ? routerValue(site, routing, true) : undefined;
  },
  detached: (site, routing) => routerValue(site, routing, false),
  member(owner, name, routing) {
    const { router } = owner;
    const method = /^(?:post|put|patch|delete|all)$/.test(name) ? mutationMethod(name) : undefined;
    if (method !== undefined) {
      return native((args, site) => {
        const [first = UNDEFINED, ...rest] = args;
        const isBare = rememberPath(owner, first);
        const path = owner.properties.get(LAST_PATH);
        const patterns = path === undefined ? [EMPTY_PATH] : honoPatterns(path);
        addRoutes(router, [method], patterns, isBare ? args : rest, site);
        return owner;
      });
    }
    switch (name) {
      case 'on':
        return native(([methods = UNDEFINED, path = UNDEFINED, ...handlers], site) => {
          addRoutes(router, mutationMethods(methods), honoPatterns(path), handlers, site);
          if (isDynamicMethod(methods)) routing.unresolved(site, 'dynamic_method: on');
          return owner;
        });
      case 'openapi':
        return native(([route, ...handlers], site) => {
          const path = option(route, 'path') ?? UNDEFINED;
          const methods = mutationMethods(option(route, 'method') ?? UNDEFINED);
          const declares = {
            body: option(option(route, 'request'), 'body'),
            responses: option(route, 'responses'),
          };
          addRoutes(router, methods, bracedPatterns(path), handlers, site, declares);
          const method = option(route, 'method');
          if (method === undefined) routing.unresolved(site, `dynamic_route: ${wordsOf(route)}`);
          else if (isDynamicMethod(method)) routing.unresolved(site, 'dynamic_method: openapi');
          return owner;
        });
      case 'route':
        return native(([path = UNDEFINED, child = UNDEFINED], site) => {
          for (const pattern of honoPatterns(path)) {
            for (const node of routersIn(child)) addMount(router, based.get(node) ?? node, pattern, site);
          }
          if (child.kind === 'unknown') routing.unresolved(site, `dynamic_mount: ${child.text}`);
          return owner;
        });
      case 'mount':
        return native(([path = UNDEFINED, child = UNDEFINED], site) => {
          for (const pattern of honoPatterns(path)) {
            for (const node of routersIn(child)) addMount(router, based.get(node) ?? node, pattern, site);
          }
          return owner;
        });
      case 'openapiRoutes':
        return native(([routes = UNDEFINED], site) => {
          for (const entry of flat(routes)) {
            const route = option(entry, 'route');
            const methods = mutationMethods(option(route, 'method') ?? UNDEFINED);
            const handler = option(entry, 'handler') ?? UNDEFINED;
            addRoutes(router, methods, bracedPatterns(option(route, 'path') ?? UNDEFINED), [handler], site);
          }
          return owner;
        });
      case 'fetch':
        return owner;
      case 'basePath':
        return native(([path = UNDEFINED], site) => {
          const child = routerValue(site, routing, false);
          based.set(child.router, based.get(router) ?? router);
          for (const pattern of honoPatterns(path)) addMount(router, child.router, pattern, site);
          return child;
        });
      case 'get':
      case 'options':
        return native(([first = UNDEFINED]) => {
          rememberPath(owner, first);
          return owner;
        });
      case 'use':
      case 'notFound':
      case 'onError':
      case 'doc':
      case 'doc31':
        return native(() => owner);
      default:
        return unknown(name);
    }
  },
  handlers: {
    responses(handler) {
      const context = parameterName(handler, 0);
      return context === null ? [] : jsonCalls(handler, (callee) => callee.getText() === `${context}.json`);
    },
    isRequestBody(expression, handler) {
      const context = parameterName(handler, 0);
      return (
        context !== null &&
        ts.isCallExpression(expression) &&
        [`${context}.req.json()`, `${context}.req.valid('json')`, `${context}.req.valid("json")`].includes(
          expression.getText(),
        )
      );
    },
    isHandler: () => true,
  },
};

export default hono;

function routerValue(site: Site, routing: Routing, isRoot: boolean): RouterValue {
  const router: RouterNode = { framework: hono.id, isRoot, site, mounts: [], routes: [] };
  return { kind: 'router', router: routing.graph.add(router), properties: new Map() };
}

/** Keeps the path of a registration for those that follow without one; true when this is such a one. */
function rememberPath(owner: RouterValue, first: Value): boolean {
  if (first.kind === 'function') return true;
  owner.properties.set(LAST_PATH, first);
  return false;
}

/** Without the pattern that a parameter may carry: `:id{[0-9]+}`. */
function honoPatterns(path: Value): PathPattern[] {
  return patternsOf(path).map((pattern) => ({
    ...pattern,
    path: pattern.path.replaceAll(/(:\w+)\{[^/]*?\}(?=\?|\/|$)/g, '$1'),
  }));
}

function addRoutes(
  router: RouterNode,
  methods: readonly MutationMethod[],
  patterns: readonly PathPattern[],
  handlers: readonly Value[],
  site: Site,
  declares?: Declarations,
): void {
  for (const method of new Set(methods)) {
    for (const path of patterns) {
      router.routes.push({
        method,
        path,
        site,
        handlers: handlers.flatMap(flat),
        ...(declares === undefined ? {} : { declares }),
      });
    }
  }
}
