// https://svelte.dev/docs/kit/routing#server and /docs/kit/advanced-routing
import { pathBelow, registerExports, routersOfFolders } from '../scan/file-routes.ts';
import { option } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { jsonCalls } from '../scan/responses.ts';
import type { RouterNode } from '../scan/route-graph.ts';
import type { Framework, Routing } from './framework.ts';

const ROUTE_FILE = /(?:^|\/)\+(?:server|page\.server)\.[jt]s$/;
const SERVER_FILE = /(?:^|\/)\+server\.[jt]s$/;

const sveltekit: Framework = {
  id: 'sveltekit',
  title: 'SvelteKit',
  packages: [],
  routerTypes: [],
  complete(routing) {
    const baseOf = (folder: string): string => setting(routing, folder, ['paths', 'base']) ?? '';
    const routerOf = routersOfFolders(routing, sveltekit.id, baseOf);
    const routeFolders = new Map<string, string>();
    for (const file of routing.files) {
      if (!ROUTE_FILE.test(file) || !routing.dependsOn(file, '@sveltejs/kit')) continue;
      const folder = routing.packageFolder(file);
      const routes =
        routeFolders.get(folder) ?? setting(routing, folder, ['files', 'routes']) ?? 'src/routes';
      routeFolders.set(folder, routes);
      const below = pathBelow(folder, file, [routes]);
      if (below === null) continue;
      const path = routePath(below.replace(ROUTE_FILE, ''));
      if (SERVER_FILE.test(file)) registerServer(routing, routerOf(file, folder), file, path);
      else reportActions(routing, file, `${baseOf(folder)}${path}`);
    }
  },
  handlers: {
    responses: (handler) => jsonCalls(handler, (callee) => /^(?:Response\.)?json$/.test(callee.getText())),
    isRequestBody: (expression) =>
      ts.isCallExpression(expression) && /^(?:\w+\.)?request\.json$/.test(expression.expression.getText()),
    isHandler: () => true,
  },
};

export default sveltekit;

/** `(group)`, `[id]`, `[id=matcher]`, `[[optional]]` and `[...rest]` */
function routePath(folder: string): string {
  const segments = folder.split('/').filter((segment) => segment !== '' && !/^\(.*\)$/.test(segment));
  return `/${segments
    .map((segment) =>
      segment.replaceAll(/\[\.\.\.[^\]]+\]/g, '*').replaceAll(/\[{1,2}(\w+)(?:=\w+)?\]{1,2}/g, ':$1'),
    )
    .join('/')}`;
}

function registerServer(routing: Routing, router: RouterNode, file: string, path: string): void {
  registerExports(routing, router, file, path);
  for (const { name, value, site } of routing.exportsOf(file)) {
    if (name !== 'fallback') continue;
    router.routes.push({ method: 'ALL', path: { path, isPartial: false }, site, handlers: [value] });
  }
}

/** Forms of pages post to these. They answer pages, several share one path, and no client of the API calls them. */
function reportActions(routing: Routing, file: string, path: string): void {
  if (!/\bactions\b/.test(routing.text(file))) return;
  const found = routing.exportsOf(file).find(({ name }) => name === 'actions');
  if (found?.value.kind !== 'object') return;
  for (const [name, action] of found.value.properties) {
    const site = action.kind === 'function' ? routing.siteOf(action.node) : found.site;
    routing.unresolved(site, `form_action: POST ${path}${name === 'default' ? '' : `?/${name}`}`);
  }
}

/** A setting of `kit` in the configuration. */
function setting(routing: Routing, folder: string, steps: readonly string[]): string | null {
  const file = routing.files.find((name) => /^\/svelte\.config\.[cm]?[jt]s$/.test(name.slice(folder.length)));
  if (file === undefined) return null;
  let value = option(option(routing.load(file), 'default'), 'kit');
  for (const step of steps) value = option(value, step);
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : null;
}
