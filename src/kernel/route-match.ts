interface RoutePattern {
  readonly method: string;
  readonly path: string;
}

/**
 * The routes of a path: those whose pattern fits it with the fewest parameters, so that `/openapi.json` is not taken
 * for an id. They differ in their methods.
 * @param segments of the path, still encoded
 */
export function routesAt<Route extends RoutePattern>(
  routes: readonly Route[],
  segments: readonly string[],
): Route[] {
  const fitting = routes.filter((route) => fits(route.path, segments));
  const fewest = Math.min(...fitting.map(countOfParameters));
  return fitting.filter((route) => countOfParameters(route) === fewest);
}

/** The decoded parameters of a path by name; undefined for one that no id can be: broken escapes, U+0000. */
export function parametersOf(
  route: RoutePattern,
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of partsOf(route.path).entries()) {
    if (part.startsWith(':') === false) continue;
    const value = decode(segments[index] ?? '');
    // No text in a database holds it.
    if (value === undefined || value.includes('\0')) return undefined;
    parameters[part.slice(1)] = value;
  }
  return parameters;
}

/** The value of `Allow` for the routes of one path. */
export function allowedMethods(routes: readonly RoutePattern[]): string {
  const methods = new Set(routes.map((route) => route.method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods, 'OPTIONS'].sort().join(', ');
}

export function partsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function fits(path: string, segments: readonly string[]): boolean {
  const parts = partsOf(path);
  return (
    parts.length === segments.length &&
    parts.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
  );
}

function countOfParameters(route: RoutePattern): number {
  return partsOf(route.path).filter((part) => part.startsWith(':')).length;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
