// https://hapi.dev/api/#-serverrouteroute and https://hapi.dev/api/#-await-serverregisterplugins-options
import { isDynamicMethod } from '../scan/dynamic.ts';
import { EMPTY_PATH, joinPatterns } from '../scan/paths.ts';
import { bracedPatterns, mutationMethods, option } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { parameterName, returnedExpressions } from '../scan/responses.ts';
import { addMount, type RouterNode } from '../scan/route-graph.ts';
import {
  memberPath,
  native,
  object,
  UNDEFINED,
  unknown,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';
import { composedFolder, COMPOSERS, holdsRoutes, manifestPlugins, routeDefaults } from './hapi-compose.ts';

const packages = ['@hapi/hapi', 'hapi', ...COMPOSERS];

const hapi: Framework = {
  id: 'hapi',
  title: 'hapi',
  packages,
  routerTypes: ['Server'],
  create(reference, args, site, routing) {
    if (reference.steps.some((step) => typeof step !== 'string')) return undefined;
    const name = memberPath(reference).at(-1);
    if (COMPOSERS.includes(reference.from)) return composedBy(name, args, site, routing);
    return name === 'server' || name === 'Server' ? routerValue(site, routing, true) : undefined;
  },
  detached: (site, routing) => routerValue(site, routing, false),
  member(owner, name, routing) {
    switch (name) {
      case 'route':
        return native(([routes = UNDEFINED], site) => {
          addRoutes(owner, routes, site, routing);
          return UNDEFINED;
        });
      case 'register':
        return native(([plugins = UNDEFINED, options], site) => {
          registerPlugin(owner, plugins, options, site, routing);
          return UNDEFINED;
        });
      case 'connection':
      case 'select':
        return native(() => owner);
      case 'dependency':
        return native(([, after], site) => {
          if (after !== undefined) routing.call(after, [owner], site);
          return UNDEFINED;
        });
      default:
        return unknown(name);
    }
  },
  handlers: {
    responses(handler) {
      const toolkit = parameterName(handler, 1);
      return returnedExpressions(handler).flatMap((expression) =>
        toolkit === null ? [expression] : sentBy(expression, toolkit),
      );
    },
    isRequestBody(expression, handler) {
      const request = parameterName(handler, 0);
      return (
        request !== null &&
        ts.isPropertyAccessExpression(expression) &&
        expression.getText() === `${request}.payload`
      );
    },
    isHandler: () => true,
  },
};

export default hapi;

/** `realm` is what plugins of several generations set their prefix in. */
function routerValue(site: Site, routing: Routing, isRoot: boolean): RouterValue {
  const router: RouterNode = { framework: hapi.id, isRoot, site, mounts: [], routes: [] };
  const realm = object([['modifiers', object([['route', object()]])]]);
  return { kind: 'router', router: routing.graph.add(router), properties: new Map([['realm', realm]]) };
}

function composedBy(
  name: string | undefined,
  args: readonly Value[],
  site: Site,
  routing: Routing,
): Value | undefined {
  if (name === 'composeWith' || name === 'using') {
    const compose = ([server, options]: readonly Value[]): Value => {
      if (server?.kind === 'router') composeFolder(server, options, args[0], site, routing);
      return UNDEFINED;
    };
    // Whoever registers the plugin may be out of sight.
    compose([routerValue(site, routing, false), object()]);
    return native(compose);
  }
  if (name === 'withRouteDefaults') return routeDefaults(args[0]);
  if (name !== 'compose') return undefined;
  const [first, second] = args;
  if (first?.kind === 'router') {
    composeFolder(first, second, args[2], site, routing);
    return UNDEFINED;
  }
  const server = routerValue(site, routing, true);
  for (const plugin of manifestPlugins(first, second, site, routing)) {
    registerPlugin(server, plugin, undefined, site, routing);
  }
  return server;
}

function composeFolder(
  server: RouterValue,
  options: Value | undefined,
  how: Value | undefined,
  site: Site,
  routing: Routing,
): void {
  const { routes, plugins } = composedFolder(how, [server, options ?? object()], site, routing);
  for (const plugin of plugins) registerPlugin(server, plugin, undefined, site, routing);
  for (const route of routes) addRoutes(server, route, site, routing);
}

/** One route or many; `isSure` is false where a function that we cannot see may have changed them. */
function addRoutes(owner: RouterValue, routes: Value, site: Site, routing: Routing, isSure = true): void {
  switch (routes.kind) {
    case 'list':
      for (const route of routes.items) addRoutes(owner, route, site, routing, isSure);
      return;
    case 'union':
      for (const route of routes.options) addRoutes(owner, route, site, routing, isSure);
      return;
    case 'external': {
      const given = routes.steps.at(-1);
      const changed = (typeof given === 'string' ? [] : (given ?? [])).filter(holdsRoutes);
      if (changed.length === 0) routing.unresolved(site, `dynamic_route: ${memberPath(routes).join('.')}`);
      for (const route of changed) addRoutes(owner, route, site, routing, false);
      return;
    }
    case 'literal':
      return;
    case 'object': {
      const own = routes.node === undefined ? site : routing.siteOf(routes.node);
      const prefix = option(option(option(owner.properties.get('realm'), 'modifiers'), 'route'), 'prefix');
      const [above = EMPTY_PATH] = prefix === undefined ? [] : bracedPatterns(prefix);
      const given = option(routes, 'options') ?? option(routes, 'config');
      const settings = given?.kind === 'function' ? routing.call(given, [owner], own) : given;
      const handler = option(routes, 'handler') ?? option(settings, 'handler');
      const response = option(settings, 'response');
      const declares = {
        body: option(option(settings, 'validate'), 'payload'),
        responses: option(response, 'status') ?? option(response, 'schema'),
      };
      const methods = option(routes, 'method');
      if (methods === undefined || isDynamicMethod(methods)) routing.unresolved(own, 'dynamic_method: route');
      for (const method of new Set(mutationMethods(methods ?? UNDEFINED))) {
        for (const path of bracedPatterns(option(routes, 'path') ?? UNDEFINED)) {
          const handlers = handler === undefined ? [] : [handler];
          const full = joinPatterns(above, path);
          owner.router.routes.push({
            method,
            path: { path: full.path, isPartial: full.isPartial || !isSure },
            site: own,
            handlers,
            declares,
          });
        }
      }
      return;
    }
    default:
      routing.unresolved(site, `dynamic_route: ${routes.kind === 'unknown' ? routes.text : routes.kind}`);
  }
}

/** A plugin, a list of them, or `{ plugin, options, routes: { prefix } }`. */
function registerPlugin(
  owner: RouterValue,
  plugin: Value,
  options: Value | undefined,
  site: Site,
  routing: Routing,
): void {
  switch (plugin.kind) {
    case 'list':
      for (const item of plugin.items) registerPlugin(owner, item, options, site, routing);
      return;
    case 'union':
      for (const item of plugin.options) registerPlugin(owner, item, options, site, routing);
      return;
    case 'function':
      routing.call(
        plugin,
        [scopeIn(owner, options, site, routing), option(options, 'options') ?? object()],
        site,
      );
      return;
    case 'object': {
      const register = plugin.properties.get('register');
      const inside = plugin.properties.get('plugin') ?? plugin.properties.get('default');
      if (register !== undefined && register.kind !== 'object') {
        const given = option(options, 'options') ?? object();
        routing.call(
          register,
          [scopeIn(owner, options, site, routing), given, native(() => UNDEFINED)],
          site,
        );
      } else {
        const placed = plugin.properties.has('routes') || plugin.properties.has('options') ? plugin : options;
        const next = inside ?? register;
        if (next !== undefined) registerPlugin(owner, next, placed, site, routing);
      }
      return;
    }
    case 'unknown':
      routing.unresolved(site, `dynamic_mount: ${plugin.text}`);
  }
}

/** A plugin's own server, whose routes are under `routes.prefix`. */
function scopeIn(owner: RouterValue, options: Value | undefined, site: Site, routing: Routing): RouterValue {
  const child = routerValue(site, routing, false);
  const prefix = option(option(options, 'routes'), 'prefix');
  for (const path of prefix === undefined ? [EMPTY_PATH] : bracedPatterns(prefix)) {
    addMount(owner.router, child.router, path, site);
  }
  return child;
}

/** `h.response(value).code(201)` sends the value; other uses of the toolkit send none that is known. */
function sentBy(expression: ts.Expression, toolkit: string): ts.Expression[] {
  let current = expression;
  while (ts.isCallExpression(current) && ts.isPropertyAccessExpression(current.expression)) {
    if (current.expression.getText() === `${toolkit}.response`) return current.arguments.slice(0, 1);
    current = current.expression.expression;
  }
  return ts.isIdentifier(current) && current.text === toolkit ? [] : [expression];
}
