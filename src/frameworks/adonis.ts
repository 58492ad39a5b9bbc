// https://docs.adonisjs.com/guides/basics/routing and https://v5-docs.adonisjs.com/guides/routing
import { EMPTY_PATH, joinPatterns, type PathPattern } from '../scan/paths.ts';
import { mutationMethod, mutationMethods, patternsOf } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { jsonCalls, returnedExpressions } from '../scan/responses.ts';
import { addMount, type RouteGraph, type RouterNode } from '../scan/route-graph.ts';
import {
  native,
  UNDEFINED,
  type FunctionValue,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import { controllerAction } from './adonis-controllers.ts';
import { addResource, keepActions, renameParameters } from './adonis-resources.ts';
import type { Framework, Routing } from './framework.ts';

const packages = ['@adonisjs/core/services/router', '@ioc:Adonis/Core/Route'];

/** The groups whose callbacks are being followed, outermost first; the application comes before them. */
const open = new WeakMap<RouteGraph, RouterNode[]>();
/** Where a group, a resource or a single route is mounted. */
const owners = new WeakMap<RouterNode, RouterNode>();

const adonis: Framework = {
  id: 'adonis',
  title: 'AdonisJS',
  packages,
  routerTypes: [],
  isEntry: (file) => /\/start\/routes(?:\/index)?\.[jt]s$/.test(file),
  create(reference, args, site, routing) {
    const [name, ...rest] = reference.steps.filter((step) => step !== 'default');
    if (typeof name !== 'string' || rest.length > 0) return undefined;
    const [path = UNDEFINED, second = UNDEFINED, third = UNDEFINED] = args;
    const method = /^(?:post|put|patch|delete)$/.test(name) ? mutationMethod(name) : undefined;
    if (method !== undefined) return route([method], path, second, site, routing);
    switch (name) {
      case 'any':
        return route(['ALL'], path, second, site, routing);
      case 'route':
        return route(mutationMethods(second), path, third, site, routing);
      case 'group':
        return group(path, site, routing);
      case 'resource':
      case 'shallowResource': {
        const owner = child(site, routing);
        addResource(
          owner.router,
          path,
          name !== 'resource',
          (action) => controllerAction(second, action, site, routing),
          site,
        );
        return owner;
      }
      default:
        return undefined;
    }
  },
  member(owner, name) {
    const { router } = owner;
    if (name !== 'prefix') {
      return native((args) => {
        if (name === 'params') renameParameters(router, args[0]);
        else keepActions(router, name, args[0]);
        return owner;
      });
    }
    return native(([prefix = UNDEFINED]) => {
      const [pattern = EMPTY_PATH] = patternsOf(prefix);
      prepend(router, pattern);
      return owner;
    });
  },
  complete(routing) {
    for (const file of routing.files) {
      const text = routing.text(file);
      if (!packages.some((name) => text.includes(name))) continue;
      for (const { value, site } of routing.exportsOf(file)) {
        if (value.kind === 'function' && value.node.getSourceFile().fileName === file) {
          followUncalled(value, site, routing);
        }
      }
    }
  },
  handlers: {
    responses: (handler) => [
      ...jsonCalls(handler, (callee) =>
        /\bresponse\b.*\.(?:json|send|ok|created|accepted)$/s.test(callee.getText()),
      ),
      ...returnedExpressions(handler).filter(
        (sent) => !/\b(?:response|view|inertia)\s*\.?\n?\b/.test(sent.getText()),
      ),
    ],
    isRequestBody: (expression) =>
      ts.isCallExpression(expression) &&
      /^(?:\w+\.)?request\.(?:body|all|only|validate|validateUsing)$/.test(expression.expression.getText()),
    isHandler: () => true,
  },
};

export default adonis;

/** The innermost open group, else the application. */
function current(routing: Routing, site: Site): RouterNode {
  const groups = open.get(routing.graph) ?? [node(site, routing, true)];
  open.set(routing.graph, groups);
  return groups.at(-1) ?? node(site, routing, true);
}

function node(site: Site, routing: Routing, isRoot: boolean): RouterNode {
  return routing.graph.add({ framework: adonis.id, isRoot, site, mounts: [], routes: [] });
}

function child(site: Site, routing: Routing): RouterValue {
  const owner = current(routing, site);
  const router = node(site, routing, false);
  addMount(owner, router, EMPTY_PATH, site);
  owners.set(router, owner);
  return { kind: 'router', router, properties: new Map() };
}

function route(
  methods: readonly MutationMethod[],
  path: Value,
  handler: Value,
  site: Site,
  routing: Routing,
): RouterValue {
  const owner = child(site, routing);
  const action = controllerAction(handler, null, site, routing);
  for (const method of methods) {
    for (const pattern of patternsOf(path)) {
      owner.router.routes.push({ method, path: pattern, site, handlers: [action] });
    }
  }
  return owner;
}

/** `router.group(() => …)`: what registers while the callback runs, in whichever file, is of the group. */
function group(callback: Value, site: Site, routing: Routing): RouterValue {
  const owner = child(site, routing);
  within(owner.router, routing, () => routing.call(callback, [], site));
  return owner;
}

function within(router: RouterNode, routing: Routing, action: () => void): void {
  const groups = open.get(routing.graph) ?? [];
  groups.push(router);
  open.set(routing.graph, groups);
  action();
  groups.pop();
}

/** `prefix` comes after the routes: it changes where they are mounted. */
function prepend(router: RouterNode, prefix: PathPattern): void {
  const mounts = owners.get(router)?.mounts ?? [];
  const index = mounts.findIndex((mount) => mount.child === router);
  const mount = mounts[index];
  if (mount !== undefined) mounts[index] = { ...mount, path: joinPatterns(prefix, mount.path) };
}

/** Functions that register routes where nobody is seen to call them: their prefix is unknown. */
function followUncalled(target: FunctionValue, site: Site, routing: Routing): void {
  const { pos, end } = target.node;
  const isReached = routing.graph.routers.some(
    (router) =>
      router.framework === adonis.id &&
      router.site.file === site.file &&
      router.site.node.pos >= pos &&
      router.site.node.end <= end,
  );
  if (isReached) return;
  within(node(site, routing, false), routing, () => routing.call(target, [], site));
}
