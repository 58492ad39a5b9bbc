// https://elysiajs.com/essential/route and https://elysiajs.com/essential/plugin
import { EMPTY_PATH } from '../scan/paths.ts';
import { mutationMethod, mutationMethods, option, patternsOf, routersIn } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { parameterName, returnedExpressions } from '../scan/responses.ts';
import { addMount, type RouterNode } from '../scan/route-graph.ts';
import {
  isUndefined,
  memberPath,
  native,
  UNDEFINED,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';

const packages = ['elysia'];

/** What one gives to say how a request is answered, beside the status: `status(201, order)`. */
const STATUS_CALL = /^(?:\w+\.)?(?:status|error)$/;

const elysia: Framework = {
  id: 'elysia',
  title: 'Elysia',
  packages,
  routerTypes: ['Elysia', 'AnyElysia'],
  create(reference, [options = UNDEFINED], site, routing) {
    const isPlain = reference.steps.every((step) => typeof step === 'string');
    const name = memberPath(reference).at(-1);
    if (!isPlain || (name !== 'Elysia' && name !== 'default')) return undefined;
    const router = routerValue(site, routing, true);
    return prefixed(router, option(options, 'prefix'), routing);
  },
  detached: (site, routing) => routerValue(site, routing, false),
  member(owner, name, routing) {
    const inner = innermost(owner);
    const method = /^(?:post|put|patch|delete|all)$/.test(name) ? mutationMethod(name) : undefined;
    if (method !== undefined) {
      return native(([path = UNDEFINED, handler = UNDEFINED], site) => {
        addRoutes(inner, [method], path, handler, site);
        return owner;
      });
    }
    switch (name) {
      case 'route':
        return native(([methods = UNDEFINED, path = UNDEFINED, handler = UNDEFINED], site) => {
          addRoutes(inner, mutationMethods(methods), path, handler, site);
          return owner;
        });
      case 'group':
      case 'guard':
        return native((args, site) => {
          const isGroup = name === 'group';
          const build = args.findLast((arg) => arg.kind === 'function');
          if (build !== undefined) within(owner, isGroup ? args[0] : undefined, build, site, routing);
          return owner;
        });
      case 'use':
        return native(([plugin = UNDEFINED], site) => {
          use(owner, plugin, site, routing);
          return owner;
        });
      case 'mount':
        return native((args, site) => {
          const child = args.at(-1) ?? UNDEFINED;
          const patterns = args.length > 1 ? patternsOf(args[0] ?? UNDEFINED) : [EMPTY_PATH];
          for (const path of patterns) for (const node of routersIn(child)) addMount(inner, node, path, site);
          return owner;
        });
      case 'fetch':
      case 'handle':
        return owner;
      default:
        // Everything else adds hooks, state or types, and goes on with the chain.
        return native(() => owner);
    }
  },
  handlers: {
    responses(handler) {
      return returnedExpressions(handler).flatMap((expression) => sentBy(expression));
    },
    isRequestBody(expression, handler) {
      const context = parameterName(handler, 0);
      if (ts.isPropertyAccessExpression(expression)) return expression.getText() === `${context}.body`;
      const [pattern] = handler.parameters;
      return (
        ts.isIdentifier(expression) &&
        pattern !== undefined &&
        ts.isObjectBindingPattern(pattern.name) &&
        pattern.name.elements.some(
          ({ name, propertyName }) =>
            (propertyName ?? name).getText() === 'body' && name.getText() === expression.text,
        )
      );
    },
    isHandler: () => true,
  },
};

export default elysia;

/** The router that holds what is registered on an instance, below its prefix. */
const inside = new WeakMap<RouterNode, RouterNode>();

function innermost(owner: RouterValue): RouterNode {
  return inside.get(owner.router) ?? owner.router;
}

function routerValue(site: Site, routing: Routing, isRoot: boolean): RouterValue {
  const router: RouterNode = { framework: elysia.id, isRoot, site, mounts: [], routes: [] };
  return { kind: 'router', router: routing.graph.add(router), properties: new Map() };
}

function prefixed(router: RouterValue, prefix: Value | undefined, routing: Routing): RouterValue {
  if (prefix === undefined || isUndefined(prefix)) return router;
  const child = routerValue(router.router.site, routing, false).router;
  for (const path of patternsOf(prefix)) addMount(router.router, child, path, router.router.site);
  inside.set(router.router, child);
  return router;
}

/** `group('/orders', (app) => app.post(…))` and `guard({ … }, (app) => …)` */
function within(
  owner: RouterValue,
  prefix: Value | undefined,
  build: Value,
  site: Site,
  routing: Routing,
): void {
  const child = routerValue(site, routing, false);
  for (const path of prefix === undefined ? [EMPTY_PATH] : patternsOf(prefix)) {
    addMount(innermost(owner), child.router, path, site);
  }
  mountReturned(owner, child, routing.call(build, [child], site));
}

/** A plugin is an instance, a function of one, a list of them, or the promise of a module whose default is one. */
function use(owner: RouterValue, plugin: Value, site: Site, routing: Routing): void {
  switch (plugin.kind) {
    case 'list':
      for (const item of plugin.items) use(owner, item, site, routing);
      return;
    case 'union':
      for (const choice of plugin.options) use(owner, choice, site, routing);
      return;
    case 'object':
      use(owner, plugin.properties.get('default') ?? UNDEFINED, site, routing);
      return;
    case 'router':
      addMount(innermost(owner), plugin.router, EMPTY_PATH, site);
      return;
    case 'function':
      mountReturned(owner, owner, routing.call(plugin, [owner], site));
      return;
    case 'native':
      mountReturned(owner, owner, routing.call(plugin, [owner], site));
      return;
    case 'unknown':
      if (/^(?:await )?\(?(?:require|import)\(/.test(plugin.text)) {
        routing.unresolved(site, `dynamic_mount: ${plugin.text}`);
      }
  }
}

/** A function may give back the instance it was given, or another that it made. */
function mountReturned(owner: RouterValue, given: RouterValue, returned: Value): void {
  for (const node of routersIn(returned)) {
    if (node !== given.router && node !== owner.router)
      addMount(innermost(given), node, EMPTY_PATH, node.site);
  }
}

function addRoutes(
  router: RouterNode,
  methods: readonly MutationMethod[],
  path: Value,
  handler: Value,
  site: Site,
): void {
  for (const method of new Set(methods)) {
    for (const pattern of patternsOf(path)) {
      router.routes.push({ method, path: pattern, site, handlers: [handler] });
    }
  }
}

function sentBy(expression: ts.Expression): ts.Expression[] {
  if (!ts.isCallExpression(expression) || !STATUS_CALL.test(expression.expression.getText()))
    return [expression];
  const [status, body] = expression.arguments;
  const isFailure = status === undefined || /^[45]\d\d$|^['"](?!OK|Created|Accepted)/.test(status.getText());
  return isFailure || body === undefined ? [] : [body];
}
