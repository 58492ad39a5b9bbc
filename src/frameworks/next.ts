// https://nextjs.org/docs/app/api-reference/file-conventions/route and /docs/pages/building-your-application/routing/api-routes
import { pathBelow, registerExports, routersOfFolders } from '../scan/file-routes.ts';
import { EMPTY_PATH } from '../scan/paths.ts';
import { mutationMethod, patternsOf, routersIn } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { jsonCalls, parameterName, responseCalls } from '../scan/responses.ts';
import { addMount, type RouterNode } from '../scan/route-graph.ts';
import { isUndefined, native, UNDEFINED, type Value } from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';
import { applicationsOf } from './next-config.ts';
import { methodBranches } from './next-methods.ts';

const ROUTE = /(?:^|\/)route$/;
/** Spares most files the search for their application. */
const MAY_BE_ROUTE = /\/app\/(?:.*\/)?route\.|\/pages\/api\//;

const next: Framework = {
  id: 'next',
  title: 'Next.js',
  packages: ['next-connect'],
  routerTypes: [],
  /** `createRouter()` and `nc()` of next-connect: a router for the one path of its file. */
  create(reference, _args, site, routing) {
    if (reference.steps.some((step) => typeof step !== 'string')) return undefined;
    const router: RouterNode = { framework: next.id, isRoot: false, site, mounts: [], routes: [] };
    return { kind: 'router', router: routing.graph.add(router), properties: new Map() };
  },
  member(owner, name) {
    const method = /^(?:post|put|patch|delete|all)$/.test(name) ? mutationMethod(name) : undefined;
    if (method === undefined) return native(() => owner);
    return native((args, site) => {
      const [first = UNDEFINED] = args;
      const isPath = first.kind === 'literal' && !isUndefined(first);
      const patterns = isPath ? patternsOf(first) : [EMPTY_PATH];
      for (const path of patterns) {
        owner.router.routes.push({ method, path, site, handlers: isPath ? args.slice(1) : args });
      }
      return owner;
    });
  },
  complete(routing) {
    const applicationOf = applicationsOf(routing);
    const prefixes = new Map<string, string>();
    const routerOf = routersOfFolders(routing, next.id, (folder) => prefixes.get(folder) ?? '');
    for (const file of routing.files) {
      if (!MAY_BE_ROUTE.test(file)) continue;
      const application = applicationOf(file);
      if (application === null || !application.extension.test(file)) continue;
      const { folder, basePath, extension } = application;
      prefixes.set(folder, basePath);
      const stem = file.replace(extension, '');
      const inApp = ROUTE.test(stem) ? pathBelow(folder, stem, ['app', 'src/app']) : null;
      const path = inApp === null ? null : appPath(inApp.replace(ROUTE, ''));
      if (path !== null) registerRoute(routing, routerOf(file, folder), file, path);
      const inPages = pathBelow(folder, stem, ['pages/api', 'src/pages/api']);
      if (inPages !== null) registerPage(routing, routerOf(file, folder), file, pagePath(inPages));
    }
  },
  handlers: {
    responses: (handler) => [
      ...jsonCalls(handler, (callee) => /^(?:Next)?Response\.json$/.test(callee.getText())),
      ...responseCalls(handler, parameterName(handler, 1)),
    ],
    isRequestBody(expression, handler) {
      const request = parameterName(handler, 0);
      if (request === null) return false;
      return ts.isCallExpression(expression)
        ? expression.expression.getText() === `${request}.json`
        : ts.isPropertyAccessExpression(expression) && expression.getText() === `${request}.body`;
    },
    isHandler: () => true,
  },
};

export default next;

/** The path of a folder below `app`; null for private folders and for routes that only intercept. */
function appPath(folder: string): string | null {
  const segments = folder.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment.startsWith('_') || /^\(\.{1,3}\)/.test(segment))) return null;
  const shown = segments.filter((segment) => !/^\(.*\)$/.test(segment) && !segment.startsWith('@'));
  return `/${shown.map(segmentPattern).join('/')}`;
}

/** `[id]`, `[...rest]` and `[[...rest]]` */
function segmentPattern(segment: string): string {
  return segment.replace(/^\[{1,2}\.\.\.[^\]]+\]{1,2}$/, '*').replace(/^\[([^\]]+)\]$/, ':$1');
}

function pagePath(page: string): string {
  const segments = page.replace(/(?:^|\/)index$/, '').split('/');
  return `/api/${segments.map(segmentPattern).join('/')}`;
}

/** Another framework behind a catch-all route has its own routes, for whole paths: they are found where it says so. */
function registerRoute(routing: Routing, router: RouterNode, file: string, path: string): void {
  const isHost = path.endsWith('*');
  registerExports(routing, router, file, path, (value) => !isHost || hostedIn(value).length === 0);
}

function hostedIn(value: Value): RouterNode[] {
  return routersIn(value).filter(
    ({ framework, routes, mounts }) => framework !== next.id && routes.length + mounts.length > 0,
  );
}

function registerPage(routing: Routing, router: RouterNode, file: string, path: string): void {
  const main = routing.exportsOf(file).find(({ name }) => name === 'default');
  if (main === undefined) return;
  const pattern = { path, isPartial: false };
  if (hostedIn(main.value).length > 0) return;
  const [connected] = routersIn(main.value).filter(({ framework }) => framework === next.id);
  if (connected !== undefined) {
    addMount(router, connected, pattern, main.site);
    return;
  }
  if (!isCallable(main.value)) {
    if (main.value.kind === 'external' || main.value.kind === 'unknown') {
      routing.unresolved(main.site, 'dynamic_handler: export default');
    }
    return;
  }
  for (const { method, site, handler } of methodBranches(main, routing)) {
    router.routes.push({ method, path: pattern, site, handlers: [handler] });
  }
}

/** Functions of the project, and what the calls of a package made. */
function isCallable(value: Value): boolean {
  switch (value.kind) {
    case 'function':
      return true;
    case 'external':
      return value.steps.some((step) => typeof step !== 'string');
    case 'union':
      return value.options.some(isCallable);
    default:
      return false;
  }
}
