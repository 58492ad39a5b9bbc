import { EvtgenError } from '../ui/errors.ts';
import type { FlatRoute } from './route-graph.ts';

const MAX_SUGGESTIONS = 5;

/**
 * The routes that a method and a path stand for: of that very path, else of that shape (parameters of any name or
 * spelling), else of that shape where what is unknown is
 * left out, else those that a request of that path would reach.
 * @throws EvtgenError `unknown_route`, with the nearest routes as its hint.
 */
export function matchRoutes<T extends { readonly route: FlatRoute }>(
  all: readonly T[],
  method: string,
  path: string,
): T[] {
  const wanted = method.toUpperCase();
  const ofMethod = all.filter(
    ({ route }) => route.method === wanted || route.method === 'ALL' || wanted === 'ALL',
  );
  const asked = plain(path);
  const tests: ((route: FlatRoute) => boolean)[] = [
    (route) => plain(route.path) === asked,
    (route) => shape(route.path) === shape(asked),
    (route) => route.isPartial && shape(route.path.replaceAll(/\{[^{}/]*\}/g, '')) === shape(asked),
    (route) => reaches(route.path, asked),
  ];
  for (const test of tests) {
    const found = ofMethod.filter(({ route }) => test(route));
    if (found.length > 0) return found;
  }
  throw new EvtgenError('unknown_route', `there is no route ${wanted} ${asked}`, {
    hint: hintFor(all, wanted, asked),
  });
}

function hintFor(all: readonly { readonly route: FlatRoute }[], method: string, path: string): string {
  if (/^(?:GET|HEAD|OPTIONS)$/.test(method))
    return 'scan looks at POST, PUT, PATCH and DELETE, which change something';
  const names = [...new Set(all.map(({ route }) => `${route.method} ${route.path}`))];
  if (names.length === 0) return 'no route was found at all; "evtgen scan" says what could not be followed';
  const nearest = names
    .map((name) => ({ name, distance: distanceOf(name, `${method} ${path}`) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS);
  return ['the nearest are:', ...nearest.map(({ name }) => `  ${name}`)].join('\n');
}

function plain(path: string): string {
  const slashed = `/${path}`.replaceAll(/\/{2,}/g, '/');
  return slashed.length > 1 ? slashed.replace(/\/$/, '') : slashed;
}

/** `/orders/:id`, `/orders/{orderId}` and `/orders/[id]` are of one shape. */
function shape(path: string): string {
  return plain(path)
    .split('/')
    .map((part) => (/^(?::\w+|\{[^}]*\}|\[[^\]]*\])$/.test(part) ? ':' : part))
    .join('/');
}

function reaches(pattern: string, path: string): boolean {
  const source = plain(pattern).replaceAll(/\{[^{}/]*\}|:\w+|\*|[.+?^$()|[\]\\{}]/g, (token) => {
    if (token === '*') return '.*';
    return token.length > 1 ? '[^/]+' : `\\${token}`;
  });
  return new RegExp(`^${source}$`, 'i').test(path);
}

/** Words of the path that differ weigh as much as they are long; how they are spelled does not. */
function distanceOf(a: string, b: string): number {
  return editDistance(shape(a.toLowerCase()), shape(b.toLowerCase()));
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    let diagonal = row[0] ?? 0;
    const next = [index + 1];
    for (let at = 1; at <= b.length; at += 1) {
      const above = row[at] ?? 0;
      next.push(Math.min(above + 1, (next[at - 1] ?? 0) + 1, diagonal + (letter === b[at - 1] ? 0 : 1)));
      diagonal = above;
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
