import { callValue } from './call.ts';
import { iterated } from './iterables.ts';
import { memberOf } from './members.ts';
import type { ts } from './project.ts';
import type { Run } from './run.ts';
import {
  isUndefined,
  list,
  literal,
  object,
  UNDEFINED,
  unknown,
  type ExternalValue,
  type ObjectValue,
  type Value,
} from './values.ts';

const PACKAGES =
  /^(?:lodash(?:-es)?|underscore|es-toolkit(?:\/compat)?|(?:@hapi\/)?hoek|radash|remeda|rambda)(?:[./]\w+)?$/;
/** Packages that are one function, by what they call it: its arguments come last over first or first over last. */
const MERGERS: ReadonlyMap<string, 'first' | 'last'> = new Map([
  ['deepmerge', 'last'],
  ['deepmerge-ts', 'last'],
  ['ts-deepmerge', 'last'],
  ['object-assign', 'last'],
  ['defu', 'first'],
]);
/** Functions of which it matters to routing only that the same items come out. */
const SAME_ITEMS = new Set(
  'sortBy orderBy sort uniq uniqBy unique compact toArray castArray values shuffle clone cloneDeep reverse'.split(
    ' ',
  ),
);
const METHODS: Readonly<Record<string, string>> = {
  each: 'forEach',
  forEach: 'forEach',
  forEachRight: 'forEach',
  map: 'map',
  flatMap: 'flatMap',
  filter: 'filter',
  flatten: 'flat',
  flattenDeep: 'flat',
  concat: 'concat',
  reduce: 'reduce',
  find: 'find',
  includes: 'includes',
};

/** Calls of lodash and its like, by which lists of routers and routes are walked; undefined for all others. */
export function callListFunction(
  run: Run,
  target: ExternalValue,
  args: readonly Value[],
  node: ts.Node,
): Value | undefined {
  const merger = MERGERS.get(target.from);
  if (merger !== undefined) return merged(merger === 'first' ? [...args].reverse() : args, true);
  if (!PACKAGES.test(target.from)) return undefined;
  const [first = UNDEFINED, ...rest] = args;
  const name = functionName(target);
  if (name === null) return undefined;
  if (name === 'isArray') {
    return first.kind === 'unknown' || first.kind === 'union'
      ? unknown(name)
      : literal(first.kind === 'list');
  }
  if (name === 'isString') {
    return first.kind === 'literal' ? literal(typeof first.value === 'string') : unknown(name);
  }
  if (name === 'union') {
    const lists = args.map(iterated);
    return lists.some((items) => items === null)
      ? unknown(name)
      : list(lists.flatMap((items) => items ?? []));
  }
  if (name === 'assign' || name === 'extend') return merged(args, false);
  if (name === 'merge' || name === 'applyToDefaults') return merged(args, true);
  if (name === 'defaults' || name === 'defaultsDeep') {
    return merged([...args].reverse(), name === 'defaultsDeep');
  }
  if (name === 'castArray' && first.kind !== 'list') return list([first]);
  const items = iterated(first);
  if (items === null)
    return first.kind === 'object' ? overEntries(run, name, first.properties, rest, node) : undefined;
  if (SAME_ITEMS.has(name)) return list(items);
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  return method === undefined
    ? undefined
    : callValue(run, memberOf(run, list(items), method, node), rest, node);
}

/** `sortBy` of `import { sortBy } from 'lodash'`, `_.sortBy` and `import sortBy from 'lodash/sortBy'`. */
function functionName(target: ExternalValue): string | null {
  const last = target.steps.findLast((step) => step !== 'default');
  if (last !== undefined) return typeof last === 'string' ? last : null;
  return /[./](\w+)$/.exec(target.from)?.[1] ?? null;
}

function overEntries(
  run: Run,
  name: string,
  properties: ReadonlyMap<string, Value>,
  [callback = UNDEFINED]: readonly Value[],
  node: ts.Node,
): Value | undefined {
  switch (name) {
    case 'keys':
      return list([...properties.keys()].map((key) => literal(key)));
    case 'values':
    case 'toArray':
      return list(properties.values());
    case 'toPairs':
    case 'entries':
      return list([...properties].map(([key, value]) => list([literal(key), value])));
    case 'each':
    case 'forEach':
    case 'forIn':
    case 'forOwn':
    case 'map':
      return list(
        [...properties].map(([key, value]) => callValue(run, callback, [value, literal(key)], node)),
      );
    default:
      return undefined;
  }
}

/** Objects laid over each other, later over earlier. */
function merged(sources: readonly Value[], isDeep: boolean): Value {
  const written = sources.findLast((source) => source.kind === 'object' && source.node !== undefined);
  const made: ObjectValue = { ...object(), ...(written?.kind === 'object' ? { node: written.node } : {}) };
  for (const source of sources.flatMap((source) => (source.kind === 'list' ? source.items : [source]))) {
    if (source.kind !== 'object') {
      made.isOpen ||= !isUndefined(source);
      continue;
    }
    made.isOpen ||= source.isOpen;
    for (const [key, value] of source.properties) {
      const before = made.properties.get(key);
      const isNested = isDeep && before?.kind === 'object' && value.kind === 'object';
      made.properties.set(key, isNested ? merged([before, value], true) : value);
    }
  }
  return made;
}
