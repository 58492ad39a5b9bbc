// https://fastify.dev/docs/latest/Reference/Routes/ and /Reference/Plugins/
import { isDynamicMethod, wordsOf } from '../scan/dynamic.ts';
import { EMPTY_PATH } from '../scan/paths.ts';
import { mutationMethod, mutationMethods, option, patternsOf } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { parameterName, responseCalls, returnedExpressions } from '../scan/responses.ts';
import { addMount, type Declarations, type RouteGraph, type RouterNode } from '../scan/route-graph.ts';
import { defaultsOf } from '../scan/settings.ts';
import {
  isUndefined,
  literal,
  memberPath,
  native,
  object,
  optionsOf,
  text,
  textParts,
  truth,
  UNDEFINED,
  unknown,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import { autoloadedPlugins, isAutoload } from './fastify-autoload.ts';
import {
  bootstrapped,
  controllerOf,
  DECORATORS,
  isBootstrap,
  type Controller,
} from './fastify-decorators.ts';
import type { Framework, Routing } from './framework.ts';

const packages = ['fastify', 'fastify-plugin', '@fastify/autoload', 'fastify-autoload', DECORATORS];

/** Under this property `fastify-plugin` marks functions that share the scope they are registered in. */
const SHARED = 'Symbol.for(skip-override)';

/** Members that give back the instance, so that registrations can follow in a chain. */
const CHAINED = /^(?:withTypeProvider|get|head|options|(?:add|set|decorate)[A-Z]\w*)$/;

const fastify: Framework = {
  id: 'fastify',
  title: 'Fastify',
  packages,
  routerTypes: ['FastifyInstance'],
  create(reference, args, site, routing) {
    if (reference.steps.some((step) => typeof step !== 'string')) return undefined;
    const path = memberPath(reference).filter((step) => step !== 'default');
    if (reference.from === 'fastify-plugin') {
      const keepsScope = truth(option(args[1], 'encapsulate') ?? literal(false)) === true;
      return keepsScope ? mainOf(args[0] ?? UNDEFINED) : shared(args[0] ?? UNDEFINED);
    }
    if (reference.from !== 'fastify' || path.length > 1 || !/^(?:fastify)?$/i.test(path[0] ?? ''))
      return undefined;
    return routerValue(site, routing, true, new Map());
  },
  // `fastify start app.js` of fastify-cli is the caller that we cannot see.
  detached: (site, routing) =>
    routerValue(
      site,
      routing,
      routing.dependsOn(site.node.getSourceFile().fileName, 'fastify-cli'),
      new Map(),
    ),
  member(owner, name, routing) {
    const { router } = owner;
    const method = /^(?:post|put|patch|delete|all)$/.test(name) ? mutationMethod(name) : undefined;
    if (method !== undefined) {
      return native(([path = UNDEFINED, ...rest], site) => {
        const handlers = rest.flatMap((arg) => (arg.kind === 'object' ? handlersIn(arg) : [arg]));
        addRoutes(router, [method], path, handlers, site, declarationsIn(rest));
        return owner;
      });
    }
    switch (name) {
      case 'route':
        return native(([options], site) => {
          for (const choice of options === undefined ? [] : optionsOf(options)) {
            addRoute(router, choice, site, routing);
          }
          return owner;
        });
      case 'register':
        return native(([plugin = UNDEFINED, options], site) => {
          registerPlugin(owner, plugin, options ?? object(), site, routing);
          return owner;
        });
      case 'decorate':
        return native(([key, value]) => {
          if (key?.kind === 'literal' && value !== undefined) owner.properties.set(String(key.value), value);
          return owner;
        });
      case 'after':
      case 'ready':
        return native(([callback], site) => {
          if (callback !== undefined) routing.call(callback, [], site);
          return owner;
        });
      default:
        return CHAINED.test(name) ? native(() => owner) : unknown(name);
    }
  },
  complete(routing) {
    for (const type of new Set(routing.classes)) {
      if (bootstrappedIn(routing).has(type.node)) continue;
      const controller = controllerOf(type, routing);
      if (controller.routes.length === 0) continue;
      const site = routing.siteOf(type.node);
      addController(routerValue(site, routing, false, new Map()), controller, literal(''), site, routing);
    }
  },
  handlers: {
    responses(handler) {
      const reply = parameterName(handler, 1);
      const returned = returnedExpressions(handler).filter(
        (expression) => reply === null || rootName(expression) !== reply,
      );
      return [...responseCalls(handler, reply), ...returned];
    },
    isRequestBody(expression, handler) {
      if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'body') return false;
      const request = parameterName(handler, 0);
      return request !== null && expression.expression.getText() === request;
    },
    isHandler: () => true,
  },
};

export default fastify;

function routerValue(
  site: Site,
  routing: Routing,
  isRoot: boolean,
  properties: ReadonlyMap<string, Value>,
): RouterValue {
  const router: RouterNode = { framework: fastify.id, isRoot, site, mounts: [], routes: [] };
  return { kind: 'router', router: routing.graph.add(router), properties: new Map(properties) };
}

function addRoute(router: RouterNode, options: Value, site: Site, routing: Routing): void {
  const path = option(options, 'url') ?? option(options, 'path') ?? UNDEFINED;
  const methods = option(options, 'method') ?? UNDEFINED;
  const known = mutationMethods(methods);
  addRoutes(router, known, path, handlersIn(options), site, declarationsIn([options]));
  if (options.kind !== 'object') routing.unresolved(site, `dynamic_route: ${wordsOf(options)}`);
  else if (isDynamicMethod(methods)) routing.unresolved(site, 'dynamic_method: route');
}

function addRoutes(
  router: RouterNode,
  methods: readonly MutationMethod[],
  path: Value,
  handlers: readonly Value[],
  site: Site,
  declares: Declarations,
): void {
  const patterns = isUndefined(path) ? [EMPTY_PATH] : patternsOf(path);
  for (const method of new Set(methods)) {
    for (const pattern of patterns) router.routes.push({ method, path: pattern, site, handlers, declares });
  }
}

function declarationsIn(args: readonly (Value | undefined)[]): Declarations {
  const schema = args.map((arg) => option(arg, 'schema')).find((found) => found !== undefined);
  return { body: option(schema, 'body'), responses: option(schema, 'response') };
}

function handlersIn(options: Value | undefined): Value[] {
  const handler = option(options, 'handler');
  return handler === undefined ? [] : [handler];
}

function mainOf(plugin: Value): Value {
  return plugin.kind === 'object' ? (plugin.properties.get('default') ?? plugin) : plugin;
}

function shared(plugin: Value): Value {
  const main = mainOf(plugin);
  if (main.kind !== 'function') return main;
  return { ...main, properties: new Map([...main.properties, [SHARED, literal(true)]]) };
}

function registerPlugin(
  owner: RouterValue,
  plugin: Value,
  options: Value,
  site: Site,
  routing: Routing,
): void {
  const given = options.kind === 'function' ? routing.call(options, [owner], site) : options;
  if (isAutoload(plugin)) {
    for (const { plugin: found, prefix, options: passed, isShared } of autoloadedPlugins(
      given,
      site,
      routing,
    )) {
      const options = withPrefix(passed, prefix);
      const scope = isShared ? shared(found) : found;
      if (found.kind === 'function') registerPlugin(owner, scope, options, site, routing);
      else addFileRoute(isShared ? owner : scopeIn(owner, options, site, routing), found, site, routing);
    }
    return;
  }
  if (isBootstrap(plugin)) {
    const prefix = option(given, 'prefix') ?? literal('');
    for (const controller of bootstrapped(given, site, routing)) {
      addController(owner, controller, prefix, site, routing);
    }
    return;
  }
  if (plugin.kind === 'external' && /^(?:@fastify\/|fastify-)env$/.test(plugin.from)) {
    const name = option(given, 'confKey');
    const settings = defaultsOf(option(given, 'schema'));
    if (settings !== undefined)
      owner.properties.set(name?.kind === 'literal' ? String(name.value) : 'config', settings);
    return;
  }
  switch (plugin.kind) {
    case 'union':
      for (const choice of plugin.options) registerPlugin(owner, choice, given, site, routing);
      return;
    case 'object': {
      const main = plugin.properties.get('default');
      if (main !== undefined) registerPlugin(owner, main, given, site, routing);
      return;
    }
    case 'function': {
      const isShared = truth(plugin.properties.get(SHARED) ?? literal(false)) === true;
      routing.call(
        plugin,
        [isShared ? owner : scopeIn(owner, given, site, routing), given, native(() => UNDEFINED)],
        site,
      );
      return;
    }
    case 'native':
      routing.call(plugin, [scopeIn(owner, given, site, routing), given], site);
      return;
    case 'unknown':
      routing.unresolved(site, `dynamic_mount: ${plugin.text}`);
  }
}

const bootstraps = new WeakMap<RouteGraph, Set<ts.Node>>();

/** The controllers whose routes are known with their prefixes. */
function bootstrappedIn(routing: Routing): Set<ts.Node> {
  const known = bootstraps.get(routing.graph) ?? new Set();
  bootstraps.set(routing.graph, known);
  return known;
}

function addController(
  owner: RouterValue,
  controller: Controller,
  prefix: Value,
  site: Site,
  routing: Routing,
): void {
  bootstrappedIn(routing).add(controller.type.node);
  const full = text([...textParts(prefix), ...textParts(controller.prefix)]);
  const { router } = scopeIn(owner, withPrefix(undefined, full), site, routing);
  for (const route of controller.routes) {
    addRoutes(
      router,
      [route.method],
      route.path,
      route.handlers,
      route.site,
      declarationsIn([route.options]),
    );
  }
}

/** The route of a file that exports its options instead of a plugin. */
function addFileRoute(scope: RouterValue, route: Value, site: Site, routing: Routing): void {
  const own = route.kind === 'object' && route.node !== undefined ? routing.siteOf(route.node) : site;
  addRoute(scope.router, route, own, routing);
}

/** A plugin's own scope under the prefix it is registered with. It inherits what its surroundings were given. */
function scopeIn(owner: RouterValue, options: Value, site: Site, routing: Routing): RouterValue {
  const child = routerValue(site, routing, false, owner.properties);
  const prefix = option(options, 'prefix');
  const patterns = prefix === undefined || isUndefined(prefix) ? [EMPTY_PATH] : patternsOf(prefix);
  for (const pattern of patterns) addMount(owner.router, child.router, pattern, site);
  return child;
}

function withPrefix(options: Value | undefined, prefix: Value | undefined): Value {
  const given = options?.kind === 'object' ? options : object();
  if (prefix === undefined) return given;
  return { ...given, properties: new Map([...given.properties, ['prefix', prefix]]) };
}

function rootName(expression: ts.Expression): string | null {
  let root = expression;
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root) || ts.isAwaitExpression(root)) {
    root = root.expression;
  }
  return ts.isIdentifier(root) ? root.text : null;
}
