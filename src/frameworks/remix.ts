// https://reactrouter.com/start/framework/routing, https://reactrouter.com/how-to/file-route-conventions and https://v2.remix.run/docs/file-conventions/routes
import { join } from 'node:path/posix';
import { routersOfFolders } from '../scan/file-routes.ts';
import { option } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import { jsonCalls, returnedExpressions } from '../scan/responses.ts';
import type { RouterNode } from '../scan/route-graph.ts';
import { memberPath, type Value } from '../scan/values.ts';
import type { ExportedValue, Framework, Routing } from './framework.ts';
import { methodUse } from './method-tests.ts';
import { HELPERS, routeHelper, routesIn } from './remix-config.ts';
import { conventionOf, pathOfFile } from './remix-files.ts';

/** Packages of which an application has one; a page that only uses the router in the browser has none. */
const SERVERS = [
  '@react-router/dev',
  '@remix-run/dev',
  '@react-router/node',
  '@remix-run/node',
  '@remix-run/react',
];
const CONFIG_FILE = /\/(?:vite\.config|react-router\.config|remix\.config)\.[cm]?[jt]s$/;
/** `remix-serve` and the helpers of routes know these endings. */
const EXTENSION = /\.[cm]?[jt]sx?$/;

const remix: Framework = {
  id: 'remix',
  title: 'Remix and React Router',
  packages: [HELPERS],
  routerTypes: [],
  create(reference, args) {
    const name = memberPath(reference).at(-1);
    if (name === undefined || reference.steps.some((step) => typeof step !== 'string')) return undefined;
    return routeHelper(name, args, '');
  },
  complete(routing) {
    for (const folder of applicationFolders(routing)) registerApplication(routing, folder);
  },
  handlers: {
    responses: (handler) => [
      ...jsonCalls(handler, (callee) => /^(?:Response\.json|json|data|typedjson)$/.test(callee.getText())),
      ...returnedExpressions(handler).filter((sent) => ts.isObjectLiteralExpression(sent)),
    ],
    isRequestBody: (expression) =>
      ts.isCallExpression(expression) && /^(?:\w+\.)?request\.json$/.test(expression.expression.getText()),
    isHandler: () => true,
  },
};

export default remix;

/** Folders of packages that have an application of this framework. */
function applicationFolders(routing: Routing): string[] {
  const folders = new Set<string>();
  for (const file of routing.files) {
    if (!/\/(?:root|routes|entry\.server)\.[jt]sx?$/.test(file)) continue;
    if (SERVERS.some((name) => routing.dependsOn(file, name))) folders.add(routing.packageFolder(file));
  }
  return [...folders];
}

function registerApplication(routing: Routing, folder: string): void {
  const own = routing.files.filter((file) => file.startsWith(`${folder}/`));
  const texts = own
    .filter((file) => CONFIG_FILE.test(file.slice(folder.length)))
    .map((file) => routing.text(file));
  const setting = (name: string): string | undefined =>
    texts
      .map((text) => new RegExp(`\\b${name}\\s*:\\s*['"]([^'"]*)['"]`).exec(text)?.[1])
      .find((found) => found !== undefined);
  const app = join(folder, setting('appDirectory') ?? 'app');
  const routerOf = routersOfFolders(routing, remix.id, () => setting('basename') ?? '');
  const list = own.find((file) => file.replace(EXTENSION, '') === join(app, 'routes'));
  const listed = list === undefined ? undefined : option(routing.load(list), 'default');
  for (const { path, file } of listed === undefined ? [] : routesIn(listed)) {
    const module = own.find(
      (name) => name === join(app, file) || name.replace(EXTENSION, '') === join(app, file),
    );
    if (module !== undefined) registerAction(routing, routerOf(module, folder), module, path);
  }
  const convention = conventionOf(
    [...texts, ...(list === undefined ? [] : [routing.text(list)])],
    list !== undefined,
  );
  if (convention === null) return;
  const routesFolder = `${join(app, convention.folder)}/`;
  for (const file of own) {
    if (!file.startsWith(routesFolder) || !EXTENSION.test(file)) continue;
    const path = pathOfFile(file.slice(routesFolder.length).replace(EXTENSION, ''), convention.kind);
    if (path !== null) registerAction(routing, routerOf(file, folder), file, path);
  }
}

function registerAction(routing: Routing, router: RouterNode, file: string, path: string): void {
  if (!/\baction\b/.test(routing.text(file))) return;
  const action = routing.exportsOf(file).find(({ name }) => name === 'action');
  if (action === undefined) return;
  for (const { method, handler } of methodsOf(action, routing)) {
    router.routes.push({ method, path: { path, isPartial: false }, site: action.site, handlers: [handler] });
  }
}

/** What the action tells apart; forms post to one that tells nothing. */
function methodsOf(
  { value }: ExportedValue,
  routing: Routing,
): readonly { readonly method: MutationMethod; readonly handler: Value }[] {
  if (value.kind !== 'function') return [{ method: 'POST', handler: value }];
  const { answered, listed, innermost, takesAny, isAsked } = methodUse(value, routing);
  const told = answered.map(({ method, handler }) => ({ method, handler: handler ?? innermost }));
  if (told.length > 0) {
    const isRest = takesAny && !told.some(({ method }) => method === 'POST');
    return isRest ? [...told, { method: 'POST', handler: innermost }] : told;
  }
  if (isAsked && !takesAny) return [];
  return (listed ?? ['POST' as const]).map((method) => ({ method, handler: innermost }));
}
