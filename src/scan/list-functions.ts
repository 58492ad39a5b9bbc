import { callValue } from './call.ts';
import { iterated } from './iterables.ts';
import { memberOf } from './members.ts';
import type { ts } from './project.ts';
import type { Run } from './run.ts';
import {
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
  if (!PACKAGES.test(target.from)) return undefined;
  const [first = UNDEFINED, ...rest] = args;
  const name = functionName(target);
  if (name === null) return undefined;
  if (name === 'isArray') {
    return first.kind === 'unknown' || first.kind === 'union'
      ? unknown(name)
      : literal(first.kind === 'list');
  }
  if (/^(?:merge|assign|extend|defaults|applyToDefaults)$/.test(name)) return merged(name, args);
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

function merged(name: string, sources: readonly Value[]): Value {
  const written = sources.findLast((source) => source.kind === 'object' && source.node !== undefined);
  const made: ObjectValue = { ...object(), ...(written?.kind === 'object' ? { node: written.node } : {}) };
  for (const source of name === 'defaults' ? [...sources].reverse() : sources) {
    if (source.kind !== 'object') made.isOpen = true;
    else for (const [key, value] of source.properties) made.properties.set(key, value);
  }
  return made;
}
