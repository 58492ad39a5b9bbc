// https://expressjs.com/en/5x/api.html and https://expressjs.com/en/4x/api.html
import { EMPTY_PATH, type PathPattern } from '../scan/paths.ts';
import { flat, patternsOf, routersIn } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { parameterName, responseCalls } from '../scan/responses.ts';
import { addMount, type RouterNode } from '../scan/route-graph.ts';
import {
  memberPath,
  native,
  object,
  UNDEFINED,
  type NativeValue,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';

/** The packages whose routers register and mount as Express's do. */
const packages = [
  'express',
  'express-ws',
  'router',
  'express-promise-router',
  '@awaitjs/express',
  'ultimate-express',
];

const METHODS: Readonly<Record<string, MutationMethod>> = {
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  del: 'DELETE',
  all: 'ALL',
};

/** Members of a router that register nothing and return it, so that a chain goes on. */
const CHAINED = new Set(['get', 'head', 'options', 'param', 'set', 'enable', 'disable', 'engine', 'ws']);

/** How people call a value that is a path, where its value is unknown: `app.use(config.apiPrefix, router)`. */
const LOOKS_LIKE_A_PATH = /path|prefix|base|url|uri|endpoint|version|root|mount/i;

const express: Framework = {
  id: 'express',
  title: 'Express',
  packages,
  routerTypes: ['Router', 'IRouter', 'Express', 'Application', 'Core.Express', 'IRoute'],
  create(reference, args, site, routing) {
    if (reference.from === 'express-ws')
      return args[0]?.kind === 'router' ? object([['app', args[0]]]) : undefined;
    if (reference.steps.some((step) => typeof step !== 'string')) return undefined;
    const path = memberPath(reference).filter((step) => step !== 'default');
    if (path.length > 1 || (path.length === 1 && path[0] !== 'Router')) return undefined;
    return routerValue(site, routing, path.length === 0 && reference.from.endsWith('express'));
  },
  detached: (site, routing) => routerValue(site, routing, false),
  member(owner, name, routing) {
    const { router } = owner;
    const method = METHODS[name];
    if (method !== undefined && Object.hasOwn(METHODS, name)) {
      return native(([path, ...handlers], site) => {
        if (path !== undefined) register(router, method, path, handlers, site, routing);
        return owner;
      });
    }
    if (name === 'use') {
      return native((args, site) => {
        use(router, args, site, routing);
        return owner;
      });
    }
    if (name === 'route') return native(([path]) => routeChain(router, path ?? UNDEFINED, routing));
    return CHAINED.has(name) ? native(() => owner) : undefined;
  },
  handlers: {
    responses: (handler) => responseCalls(handler, parameterName(handler, 1)),
    isRequestBody(expression, handler) {
      if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'body') return false;
      const request = parameterName(handler, 0);
      return request !== null && expression.expression.getText() === request;
    },
    // Express tells error middleware by its four parameters.
    isHandler: (candidate) => candidate.node.parameters.length < 4,
  },
};

export default express;

function routerValue(site: Site, routing: Routing, isRoot: boolean): RouterValue {
  const router: RouterNode = { framework: express.id, isRoot, site, mounts: [], routes: [] };
  return { kind: 'router', router: routing.graph.add(router), properties: new Map() };
}

function register(
  router: RouterNode,
  method: MutationMethod,
  path: Value,
  handlers: readonly Value[],
  site: Site,
  routing: Routing,
): void {
  if (handlers.length === 0) {
    // `router.post(...args)`; a path alone registers nothing.
    if (path.kind === 'unknown' && path.text.startsWith('...')) {
      routing.unresolved(site, `dynamic_route: ${path.text}`);
    }
    return;
  }
  const given = handlers.flatMap(flat);
  const inner = method === 'ALL' ? given.filter((handler) => handler.kind === 'router') : [];
  // `app.all('/orders*', require('./orders')())`: unlike `use`, it leaves the whole path to the routers.
  for (const { router: child } of inner) addMount(router, child, EMPTY_PATH, site);
  if (inner.length > 0) return;
  for (const pattern of patternsOf(path)) {
    router.routes.push({ method, path: pattern, site, handlers: given });
  }
}

/** `router.route(path).post(…).put(…)` */
function routeChain(router: RouterNode, path: Value, routing: Routing): NativeValue {
  const forAll: RouterNode['routes'] = [];
  const chain: NativeValue = {
    kind: 'native',
    call: () => UNDEFINED,
    member(name) {
      const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
      return native((handlers, site) => {
        // What stands before the methods of a route is run for each of them, and answers none.
        if (method !== 'ALL') {
          for (const route of forAll.splice(0)) router.routes.splice(router.routes.indexOf(route), 1);
        }
        const before = router.routes.length;
        if (method !== undefined) register(router, method, path, handlers, site, routing);
        if (method === 'ALL') forAll.push(...router.routes.slice(before));
        return chain;
      });
    },
  };
  return chain;
}

function use(router: RouterNode, args: readonly Value[], site: Site, routing: Routing): void {
  const [first, ...rest] = args;
  if (first === undefined) return;
  const hasPath = isPath(first, rest.length > 0);
  const patterns: readonly PathPattern[] = hasPath ? patternsOf(first) : [EMPTY_PATH];
  for (const target of (hasPath ? rest : args).flatMap(flat)) {
    for (const child of routersIn(target)) {
      for (const path of patterns) addMount(router, child, path, site);
    }
    if (target.kind === 'unknown' && /^(?:await )?\(?(?:require|import)\(/.test(target.text)) {
      routing.unresolved(site, `dynamic_mount: ${target.text}`);
    }
  }
}

function isPath(value: Value, hasMore: boolean): boolean {
  switch (value.kind) {
    case 'literal':
      return typeof value.value === 'string';
    case 'text':
    case 'regex':
      return true;
    case 'list':
      return value.items.length > 0 && value.items.every((item) => isPath(item, hasMore));
    case 'union':
      return value.options.some((option) => isPath(option, hasMore));
    case 'unknown':
      return hasMore && LOOKS_LIKE_A_PATH.test(value.text);
    case 'external':
      // Whatever else a variable of the environment is called, it is a string and no middleware.
      if (value.from === 'process' && value.steps[0] === 'env') return hasMore && value.steps.length === 2;
      return hasMore && LOOKS_LIKE_A_PATH.test([...memberPath(value), ...callTexts(value)].join('.'));
    default:
      return false;
  }
}

/** Strings given to the calls in it: `config.get('apiPrefix')`. */
function callTexts(value: Value & { kind: 'external' }): string[] {
  return value.steps.flatMap((step) =>
    typeof step === 'string'
      ? []
      : step.flatMap((arg) => (arg.kind === 'literal' ? [String(arg.value)] : [])),
  );
}
