// https://github.com/koajs/router/blob/master/API.md and https://github.com/koajs/mount
import { isDynamicMethod } from '../scan/dynamic.ts';
import { EMPTY_PATH } from '../scan/paths.ts';
import { flat, mutationMethod, mutationMethods, option, patternsOf, routersIn } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { parameterName } from '../scan/responses.ts';
import { addMount, type RouterNode } from '../scan/route-graph.ts';
import {
  isUndefined,
  memberPath,
  native,
  UNDEFINED,
  unknown,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';

const ROUTERS = ['@koa/router', 'koa-router', 'koa-joi-router', 'koa-tree-router', 'koa-better-router'];
const packages = ['koa', ...ROUTERS, 'koa-mount', 'koa-compose'];

const koa: Framework = {
  id: 'koa',
  title: 'Koa',
  packages,
  routerTypes: ['Koa', 'Router', 'Application'],
  create(reference, args, site, routing) {
    if (reference.steps.some((step) => typeof step !== 'string')) return undefined;
    const path = memberPath(reference).filter((step) => step !== 'default');
    if (path.length > 1 || (path.length === 1 && path[0] !== 'Router')) return undefined;
    const [first = UNDEFINED, second] = args;
    if (reference.from === 'koa-compose') return first;
    if (reference.from === 'koa-mount') return mounted(first, second, site, routing);
    if (reference.from === 'koa') return routerValue(site, routing, true, UNDEFINED);
    return routerValue(site, routing, false, option(first, 'prefix') ?? UNDEFINED);
  },
  // Routers are mounted by somebody; what is typed as the application serves by itself.
  detached(site, routing) {
    const type = ts.isParameter(site.node) ? (site.node.type?.getText() ?? '') : '';
    return routerValue(site, routing, /^(?:Koa|Application)\b(?!\.Middleware)/.test(type), UNDEFINED);
  },
  member(owner, name, routing) {
    const inner = prefixed(owner.router);
    const method = /^(?:post|put|patch|delete|del|all)$/.test(name) ? mutationMethod(name) : undefined;
    if (method !== undefined) {
      return native((args, site) => {
        // A route may have a name before its path.
        const [path = UNDEFINED, ...handlers] = isPath(args[1]) && args.length > 2 ? args.slice(1) : args;
        if (isPath(path)) addRoutes(inner, [method], path, handlers, site);
        else if (path.kind === 'unknown') routing.unresolved(site, `dynamic_route: ${path.text}`);
        return owner;
      });
    }
    switch (name) {
      case 'register':
        return native(([path = UNDEFINED, methods = UNDEFINED, ...handlers], site) => {
          addRoutes(inner, mutationMethods(methods), path, handlers, site);
          if (isDynamicMethod(methods)) routing.unresolved(site, 'dynamic_method: register');
          return owner;
        });
      case 'route':
        return native(([specs = UNDEFINED], site) => {
          for (const spec of flat(specs)) {
            const methods = mutationMethods(option(spec, 'method') ?? UNDEFINED);
            addRoutes(
              inner,
              methods,
              option(spec, 'path') ?? UNDEFINED,
              [option(spec, 'handler') ?? UNDEFINED],
              site,
            );
          }
          return owner;
        });
      case 'use':
        return native((args, site) => {
          use(inner, args, site, routing);
          return owner;
        });
      case 'prefix':
        return native(([prefix = UNDEFINED], site) => {
          setPrefix(owner.router, inner, prefix, site);
          return owner;
        });
      case 'routes':
      case 'middleware':
      case 'get':
      case 'head':
      case 'options':
      case 'param':
      case 'on':
        return native(() => owner);
      default:
        return unknown(name);
    }
  },
  handlers: {
    responses: sentBodies,
    isRequestBody(expression, handler) {
      const context = parameterName(handler, 0);
      return (
        context !== null &&
        ts.isPropertyAccessExpression(expression) &&
        expression.getText() === `${context}.request.body`
      );
    },
    isHandler: () => true,
  },
};

export default koa;

/** A router holds its routes in a second one below it, since its prefix may be set after them. */
function routerValue(site: Site, routing: Routing, isRoot: boolean, prefix: Value): RouterValue {
  const inner: RouterNode = { framework: koa.id, isRoot: false, site, mounts: [], routes: [] };
  const router: RouterNode = { framework: koa.id, isRoot, site, mounts: [], routes: [] };
  routing.graph.add(router);
  routing.graph.add(inner);
  setPrefix(router, inner, prefix, site);
  return { kind: 'router', router, properties: new Map() };
}

function setPrefix(router: RouterNode, inner: RouterNode, prefix: Value, site: Site): void {
  const [path = EMPTY_PATH] = isUndefined(prefix) ? [] : patternsOf(prefix);
  router.mounts[0] = { child: inner, path, site };
}

function prefixed(router: RouterNode): RouterNode {
  return router.mounts[0]?.child ?? router;
}

/** `mount('/api', app)` and `mount(app)`. What serves by itself does so when mounted by code we cannot see. */
function mounted(first: Value, second: Value | undefined, site: Site, routing: Routing): RouterValue {
  const children = routersIn(second ?? first);
  const isRoot = children.some((child) => child.isRoot);
  const made = routerValue(site, routing, isRoot, second === undefined ? UNDEFINED : first);
  for (const child of children) addMount(prefixed(made.router), child, EMPTY_PATH, site);
  return made;
}

function use(router: RouterNode, args: readonly Value[], site: Site, routing: Routing): void {
  const [first] = args;
  const hasPath = args.length > 1 && isPath(first);
  const patterns = hasPath && first !== undefined ? patternsOf(first) : [EMPTY_PATH];
  for (const target of (hasPath ? args.slice(1) : args).flatMap(flat)) {
    for (const child of routersIn(target)) {
      for (const path of patterns) addMount(router, child, path, site);
    }
    if (target.kind === 'unknown' && /^(?:await )?\(?(?:require|import)\(/.test(target.text)) {
      routing.unresolved(site, `dynamic_mount: ${target.text}`);
    }
  }
}

function addRoutes(
  router: RouterNode,
  methods: readonly MutationMethod[],
  path: Value,
  handlers: readonly Value[],
  site: Site,
): void {
  for (const method of new Set(methods)) {
    for (const pattern of patternsOf(path)) {
      router.routes.push({ method, path: pattern, site, handlers: handlers.flatMap(flat) });
    }
  }
}

function isPath(value: Value | undefined): boolean {
  switch (value?.kind) {
    case 'literal':
      return typeof value.value === 'string';
    case 'list':
      return value.items.length > 0 && value.items.every(isPath);
    case 'union':
      return value.options.some(isPath);
    case 'text':
    case 'regex':
      return true;
    case 'unknown':
    case 'external':
      return /path|prefix|base|url|route|endpoint/i.test(
        value.kind === 'unknown' ? value.text : memberPath(value).join('.'),
      );
    default:
      return false;
  }
}

/** What is assigned to `ctx.body`, later before earlier. */
function sentBodies(handler: ts.FunctionLikeDeclaration): ts.Expression[] {
  const context = parameterName(handler, 0);
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCatchClause(node)) return;
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      [`${context}.body`, `${context}.response.body`].includes(node.left.getText())
    ) {
      found.push(node.right);
    }
    ts.forEachChild(node, visit);
  };
  if (context !== null) visit(handler);
  return found.reverse();
}
