import { join } from 'node:path/posix';
import { option } from '../scan/patterns.ts';
import { list, literal, native, object, optionsOf, UNDEFINED, type Value } from '../scan/values.ts';

/** The package whose helpers `app/routes.ts` is written with. */
export const HELPERS = '@react-router/dev/routes';

/** `route('orders', './orders.tsx', [children])` and its kin, as the objects that they return. */
export function routeHelper(name: string, args: readonly Value[], folder: string): Value | undefined {
  const [first = UNDEFINED, second = UNDEFINED] = args;
  const children = args.findLast((arg) => arg.kind === 'list') ?? list([]);
  switch (name) {
    case 'route':
      return entry(first, second, children, folder);
    case 'index':
      return entry(UNDEFINED, first, list([]), folder);
    case 'layout':
      return entry(UNDEFINED, first, children, folder);
    case 'prefix':
      return list([entry(first, UNDEFINED, children, folder)]);
    case 'relative': {
      const inner = first.kind === 'literal' ? String(first.value) : '';
      return object(
        ['route', 'index', 'layout', 'prefix'].map((helper) => [
          helper,
          native((given) => routeHelper(helper, given, inner) ?? UNDEFINED),
        ]),
      );
    }
    default:
      return undefined;
  }
}

function entry(path: Value, file: Value, children: Value, folder: string): Value {
  const isPlaced = file.kind === 'literal' && typeof file.value === 'string';
  return object([
    ['path', path],
    ['file', isPlaced ? literal(join(folder, file.value)) : file],
    ['children', children],
  ]);
}

export interface ConfiguredRoute {
  readonly path: string;
  /** Relative to the folder of the application. */
  readonly file: string;
}

/** The routes of a configuration, with the paths of their parents. */
export function routesIn(value: Value, above = ''): ConfiguredRoute[] {
  if (value.kind === 'list' || value.kind === 'union') {
    const items = value.kind === 'list' ? value.items : optionsOf(value);
    return items.flatMap((item) => routesIn(item, above));
  }
  if (value.kind !== 'object') return [];
  const own = text(option(value, 'path'));
  const path = own === null ? above : `${above}/${own.replace(/\*$/, '*')}`;
  const file = text(option(value, 'file'));
  const children = option(value, 'children');
  return [
    ...(file === null ? [] : [{ path: path === '' ? '/' : path, file }]),
    ...(children === undefined ? [] : routesIn(children, path)),
  ];
}

function text(value: Value | undefined): string | null {
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : null;
}
