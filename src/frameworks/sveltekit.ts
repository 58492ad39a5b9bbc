// https://svelte.dev/docs/kit/routing#server and /docs/kit/advanced-routing
import { pathBelow, registerExports, routersOfFolders } from '../scan/file-routes.ts';
import { option } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { jsonCalls } from '../scan/responses.ts';
import type { Framework, Routing } from './framework.ts';

const SERVER_FILE = /(?:^|\/)\+server\.[jt]s$/;

const sveltekit: Framework = {
  id: 'sveltekit',
  title: 'SvelteKit',
  packages: [],
  routerTypes: [],
  complete(routing) {
    const routerOf = routersOfFolders(routing, sveltekit.id, (folder) => basePath(routing, folder));
    for (const file of routing.files) {
      if (!SERVER_FILE.test(file) || !routing.dependsOn(file, '@sveltejs/kit')) continue;
      const folder = routing.packageFolder(file);
      const below = pathBelow(folder, file, ['src/routes']);
      if (below === null) continue;
      const path = routePath(below.replace(SERVER_FILE, ''));
      registerExports(routing, routerOf(file, folder), file, path);
      for (const { name, value, site } of routing.exportsOf(file)) {
        if (name !== 'fallback') continue;
        routerOf(file, folder).routes.push({
          method: 'ALL',
          path: { path, isPartial: false },
          site,
          handlers: [value],
        });
      }
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

/** `kit.paths.base` of the configuration. */
function basePath(routing: Routing, folder: string): string {
  const file = routing.files.find((name) => /^\/svelte\.config\.[cm]?[jt]s$/.test(name.slice(folder.length)));
  if (file === undefined) return '';
  const config = option(routing.load(file), 'default');
  const base = option(option(option(config, 'kit'), 'paths'), 'base');
  return base?.kind === 'literal' && typeof base.value === 'string' ? base.value : '';
}
