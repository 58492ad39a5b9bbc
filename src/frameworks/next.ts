// https://nextjs.org/docs/app/api-reference/file-conventions/route and /docs/pages/building-your-application/routing/api-routes
import { pathBelow, registerExports, routersOfPackages } from '../scan/file-routes.ts';
import { EMPTY_PATH } from '../scan/paths.ts';
import { mutationMethod, option, patternsOf } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { jsonCalls, parameterName, responseCalls } from '../scan/responses.ts';
import { addMount, type RouterNode } from '../scan/route-graph.ts';
import { isUndefined, native, UNDEFINED, type RouterValue, type Value } from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';
import { methodBranches } from './next-methods.ts';

const ROUTE_FILE = /(?:^|\/)route\.[cm]?[jt]sx?$/;
const PAGE_EXTENSION = /\.[cm]?[jt]sx?$/;

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
    const routerOf = routersOfPackages(routing, next.id, (folder) => basePath(routing, folder));
    for (const file of routing.files) {
      if (!routing.dependsOn(file, 'next')) continue;
      const inApp = ROUTE_FILE.test(file) ? pathBelow(routing, file, ['app', 'src/app']) : null;
      const path = inApp === null ? null : appPath(inApp.replace(ROUTE_FILE, ''));
      if (path !== null) registerExports(routing, routerOf(file), file, path);
      const inPages = PAGE_EXTENSION.test(file)
        ? pathBelow(routing, file, ['pages/api', 'src/pages/api'])
        : null;
      if (inPages !== null) registerPage(routing, routerOf(file), file, pagePath(inPages));
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

function pagePath(file: string): string {
  const segments = file
    .replace(PAGE_EXTENSION, '')
    .replace(/(?:^|\/)index$/, '')
    .split('/');
  return `/api/${segments.map(segmentPattern).join('/')}`;
}

function registerPage(routing: Routing, router: RouterNode, file: string, path: string): void {
  const main = routing.exportsOf(file).find(({ name }) => name === 'default');
  if (main === undefined) return;
  const pattern = { path, isPartial: false };
  const connected = routerIn(main.value);
  if (connected !== null) {
    addMount(router, connected.router, pattern);
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

function routerIn(value: Value): RouterValue | null {
  if (value.kind === 'router') return value;
  const parts =
    value.kind === 'external' ? value.steps.flatMap((step) => (typeof step === 'string' ? [] : step)) : [];
  return parts.map(routerIn).find((found) => found !== null) ?? null;
}

/** `basePath` of the configuration, also inside what wraps it: `withPlugin(config)`. */
function basePath(routing: Routing, folder: string): string {
  const file = routing.files.find((name) => /^\/next\.config\.[cm]?[jt]s$/.test(name.slice(folder.length)));
  if (file === undefined || !/\bbasePath\b/.test(routing.text(file))) return '';
  const loaded = routing.load(file);
  const path = configured(option(loaded, 'default') ?? loaded);
  return path?.kind === 'literal' && typeof path.value === 'string' ? path.value : '';
}

function configured(value: Value): Value | undefined {
  if (value.kind !== 'external') return option(value, 'basePath');
  const parts = value.steps.flatMap((step) => (typeof step === 'string' ? [] : step));
  return parts.map(configured).find((found) => found !== undefined);
}
