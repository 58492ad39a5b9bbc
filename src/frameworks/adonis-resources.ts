import { patternsOf } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import type { Route, RouterNode } from '../scan/route-graph.ts';
import type { Site, Value } from '../scan/values.ts';
import { singular, wordsOf } from '../scan/words.ts';

/** The action of a resource that a route runs. */
const actions = new WeakMap<Route, string>();

const METHODS: readonly (readonly [string, MutationMethod])[] = [
  ['store', 'POST'],
  ['update', 'PUT'],
  ['update', 'PATCH'],
  ['destroy', 'DELETE'],
];

/**
 * `resource('orders.items', controller)`: the routes that change something. Of a shallow resource only what makes
 * an item is below its parents.
 */
export function addResource(
  router: RouterNode,
  path: Value,
  isShallow: boolean,
  handlerOf: (action: string) => Value,
  site: Site,
): void {
  for (const { path: name, isPartial } of patternsOf(path)) {
    const parts = name.replace(/^\/+|\/+$/g, '').split('.');
    const parents = parts.slice(0, -1).map((part) => `${part}/:${parameterOf(part)}`);
    const last = parts.at(-1) ?? '';
    const nested = [...parents, last].join('/');
    for (const [action, method] of METHODS) {
      const member = `${isShallow ? last : nested}/:id`;
      const route: Route = {
        method,
        path: { path: action === 'store' ? nested : member, isPartial },
        site,
        handlers: [handlerOf(action)],
      };
      actions.set(route, action);
      router.routes.push(route);
    }
  }
}

function parameterOf(resource: string): string {
  const words = wordsOf(resource.split('/').at(-1) ?? '');
  return [...words.slice(0, -1), ...words.slice(-1).map(singular), 'id'].join('_');
}

/** `only` and `except`; `apiOnly` leaves out forms, which change nothing. */
export function keepActions(router: RouterNode, rule: string, names: Value | undefined): void {
  if ((rule !== 'only' && rule !== 'except') || names?.kind !== 'list') return;
  const listed = names.items.map((item) => (item.kind === 'literal' ? String(item.value) : ''));
  const kept = router.routes.filter((route) => {
    const action = actions.get(route);
    return action === undefined || listed.includes(action) === (rule === 'only');
  });
  router.routes.splice(0, router.routes.length, ...kept);
}

/** `params({ orders: 'order' })` */
export function renameParameters(router: RouterNode, names: Value | undefined): void {
  if (names?.kind !== 'object') return;
  const renamed = router.routes.map((route): Route => {
    let { path } = route.path;
    for (const [resource, name] of names.properties) {
      if (name.kind !== 'literal') continue;
      path = path.replace(new RegExp(`(^|/)(${resource})/:\\w+`), `$1$2/:${String(name.value)}`);
    }
    const made: Route = { ...route, path: { ...route.path, path } };
    const action = actions.get(route);
    if (action !== undefined) actions.set(made, action);
    return made;
  });
  router.routes.splice(0, router.routes.length, ...renamed);
}
