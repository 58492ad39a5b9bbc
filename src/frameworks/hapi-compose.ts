// https://hapi.dev/module/glue/api/ and https://github.com/hapipal/haute-couture
import { dirname, posix } from 'node:path';
import { option } from '../scan/patterns.ts';
import { list, native, object, optionsOf, UNDEFINED, type Site, type Value } from '../scan/values.ts';
import type { Routing } from './framework.ts';

export const COMPOSERS = [
  '@hapi/glue',
  'glue',
  '@hapipal/haute-couture',
  'haute-couture',
  '@hapipal/toys',
  'toys',
];

const EXTENSIONS = ['', '.js', '.ts', '.cjs', '.mjs', '.mts', '.cts'];

/** The plugins of a Glue manifest; those that it names by their files are loaded. */
export function manifestPlugins(
  manifest: Value | undefined,
  options: Value | undefined,
  site: Site,
  routing: Routing,
): Value[] {
  const relativeTo = option(options, 'relativeTo');
  const file = site.node.getSourceFile().fileName;
  const folder = relativeTo?.kind === 'literal' ? String(relativeTo.value) : routing.packageFolder(file);
  const plugins = option(option(manifest, 'register'), 'plugins') ?? option(manifest, 'registrations');
  if (plugins === undefined) {
    if (manifest?.kind !== 'object')
      routing.unresolved(site, 'dynamic_mount: plugins of an unknown manifest');
    return [];
  }
  const loaded = (name: Value): Value => {
    if (name.kind !== 'literal' || typeof name.value !== 'string' || !/^[./]/.test(name.value)) return name;
    const found = moduleAt(posix.resolve(folder, name.value), routing);
    if (found !== null) return routing.load(found);
    routing.unresolved(site, `dynamic_mount: ${name.value}`);
    return name;
  };
  return optionsOf(plugins).flatMap((choice) =>
    (choice.kind === 'list' ? choice.items : []).map((item) => placed(item, loaded)),
  );
}

/** `{ plugin, options, routes }`, of which Glue 4 has `{ plugin: { register, options }, options: { routes } }`. */
function placed(item: Value, loaded: (name: Value) => Value): Value {
  if (item.kind !== 'object') return loaded(item);
  const named = item.properties.get('plugin') ?? item.properties.get('register');
  if (named === undefined) return item;
  const older = named.kind === 'object' ? named.properties.get('register') : undefined;
  const isOlder = older?.kind === 'literal';
  const plugin = loaded(isOlder ? older : named);
  const routes = item.properties.get('routes') ?? option(item.properties.get('options'), 'routes');
  const options = isOlder ? option(named, 'options') : item.properties.get('options');
  return object([
    ['plugin', plugin],
    ['options', options ?? object()],
    ...(routes === undefined ? [] : ([['routes', routes]] as const)),
  ]);
}

function moduleAt(path: string, routing: Routing): string | null {
  const files = new Set(routing.files);
  const candidates = [path, `${path}/index`].flatMap((base) =>
    EXTENSIONS.map((ending) => `${base}${ending}`),
  );
  return candidates.find((candidate) => files.has(candidate)) ?? null;
}

export interface Composed {
  readonly routes: readonly Value[];
  readonly plugins: readonly Value[];
}

/** What haute-couture takes from the folder of a plugin: `routes/**` and `plugins/*`, each a value or a function of the server. */
export function composedFolder(
  options: Value | undefined,
  server: readonly Value[],
  site: Site,
  routing: Routing,
): Composed {
  const given = option(options, 'dirname');
  const folder =
    given?.kind === 'literal' ? String(given.value) : dirname(site.node.getSourceFile().fileName);
  const valuesIn = (place: string): Value[] =>
    filesAt(posix.join(folder, place), routing).map((file) => {
      const loaded = routing.load(file);
      const main = option(loaded, 'default') ?? loaded;
      return main.kind === 'function' ? routing.call(main, server, site) : main;
    });
  return { routes: valuesIn('routes').filter(holdsRoutes), plugins: valuesIn('plugins') };
}

function filesAt(place: string, routing: Routing): string[] {
  const single = moduleAt(place, routing);
  if (single !== null) return [single];
  return routing.files.filter(
    (file) => file.startsWith(`${place}/`) && !/\/helpers\//.test(file.slice(place.length)),
  );
}

/** Routes, also those that a function we cannot see was given. */
export function holdsRoutes(value: Value): boolean {
  switch (value.kind) {
    case 'list':
      return value.items.some(holdsRoutes);
    case 'external':
      return value.steps.some((step) => typeof step !== 'string' && step.some(holdsRoutes));
    default:
      return value.kind === 'object' && value.properties.has('method') && value.properties.has('path');
  }
}

/** `Toys.withRouteDefaults(defaults)` makes a function that completes one route or many. */
export function routeDefaults(defaults: Value | undefined): Value {
  const complete = (route: Value): Value => {
    if (route.kind === 'list') return list(route.items.map(complete));
    if (route.kind !== 'object' || defaults?.kind !== 'object') return route;
    return { ...route, properties: new Map([...defaults.properties, ...route.properties]) };
  };
  return native(([route = UNDEFINED]) => complete(route));
}
