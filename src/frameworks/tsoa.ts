// https://tsoa-community.github.io/docs/generating.html
import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import { EMPTY_PATH, joinPatterns, type PathPattern } from '../scan/paths.ts';
import { bracedPatterns, mutationMethod, routersIn } from '../scan/patterns.ts';
import { addMount, type RouteGraph, type RouterNode } from '../scan/route-graph.ts';
import { isUndefined, memberPath, UNDEFINED, type Value } from '../scan/values.ts';
import { decoratedControllers, decoratedHandlers } from './decorated-controllers.ts';
import type { Framework } from './framework.ts';

const packages = ['tsoa', '@tsoa/runtime'];

/** The routers that the generated function puts all controllers of a package on. */
const registered = new WeakMap<RouteGraph, { readonly router: RouterNode; readonly folder: string }[]>();

const tsoa: Framework = {
  id: 'tsoa',
  title: 'tsoa',
  packages,
  routerTypes: [],
  generated: /^export function RegisterRoutes\(/m,
  intercept(target, args, call, routing) {
    if (!isRegisterRoutes(target)) return undefined;
    const site = routing.siteOf(call);
    const router: RouterNode = { framework: tsoa.id, isRoot: false, site, mounts: [], routes: [] };
    const hosts = args.flatMap(routersIn);
    if (hosts.length === 0) return undefined;
    for (const host of hosts) addMount(host, routing.graph.add(router), EMPTY_PATH, site);
    const folder = routing.packageFolder(call.getSourceFile().fileName);
    registered.set(routing.graph, [...(registered.get(routing.graph) ?? []), { router, folder }]);
    return UNDEFINED;
  },
  complete(routing) {
    const made = registered.get(routing.graph) ?? [];
    for (const { type, mark, methods } of decoratedControllers(routing, packages, /^Route$/)) {
      const folder = routing.packageFolder(type.scope.file);
      const base = basePath(folder);
      const own = made.filter((other) => other.folder === folder);
      const lone: RouterNode = { framework: tsoa.id, isRoot: true, site: mark.site, mounts: [], routes: [] };
      const routers = own.length > 0 ? own.map(({ router }) => router) : [routing.graph.add(lone)];
      for (const { method, marks } of methods) {
        // Methods of base classes are not generated.
        if (method.node.parent !== type.node) continue;
        for (const { name, args, site } of marks) {
          const verb = /^(?:Post|Put|Patch|Delete)$/.test(name) ? mutationMethod(name) : undefined;
          if (verb === undefined) continue;
          for (const above of pathsOf(mark.args[0])) {
            for (const below of pathsOf(args[0])) {
              const path = joinPatterns(base, joinPatterns(above, below));
              for (const router of routers)
                router.routes.push({ method: verb, path, site, handlers: [method] });
            }
          }
        }
      }
    }
  },
  handlers: decoratedHandlers,
};

export default tsoa;

/** The function that `tsoa routes` generates, whether or not its file is there. */
function isRegisterRoutes(target: Value): boolean {
  if (target.kind === 'external') return memberPath(target).at(-1) === 'RegisterRoutes';
  return target.kind === 'function' && target.name === 'RegisterRoutes';
}

function pathsOf(path: Value | undefined): PathPattern[] {
  return path === undefined || isUndefined(path) ? [EMPTY_PATH] : bracedPatterns(path);
}

/** `routes.basePath` of a package's tsoa.json or tsoa.yaml. */
function basePath(folder: string): PathPattern {
  const json = readTextIfPresent(join(folder, 'tsoa.json'));
  const yaml = readTextIfPresent(join(folder, 'tsoa.yaml')) ?? readTextIfPresent(join(folder, 'tsoa.yml'));
  const found =
    json === undefined
      ? /^routes:[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+basePath:[ \t]*["']?(?<path>[^"'\s#]+)/m.exec(yaml ?? '')
      : /"routes"\s*:\s*\{[^{}]*?"basePath"\s*:\s*"(?<path>[^"]*)"/.exec(json);
  return { path: found?.groups?.['path'] ?? '', isPartial: false };
}
