import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../samples/sample.ts';
import { EvtgenError } from '../ui/errors.ts';

/** Names of properties, and places in lists. */
export type DataPath = readonly (string | number)[];

type Mutable = { [key: string]: Json } | Json[];

const TOKEN = /\.?([A-Za-z_$][\w$-]*)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Reads `items[0].price` or `["a b"].c`; undefined when it is none. */
export function parsePath(text: string): DataPath | undefined {
  const path: (string | number)[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [token, name, index, quoted] = match;
    // Names are parted by dots, and the first has none.
    if (name !== undefined && token.startsWith('.') !== start > 0) return undefined;
    path.push(name ?? (index === undefined ? (JSON.parse(quoted ?? '""') as string) : Number(index)));
  }
  return path.length === 0 ? undefined : path;
}

export function formatPath(path: DataPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(key)) text += `${text === '' ? '' : '.'}${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}

/** The value at a path; undefined when there is none. */
export function valueAt(data: Json, path: DataPath): Json | undefined {
  let value: Json | undefined = data;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, Json>>)[key];
  }
  return value;
}

/**
 * The same data with another value at a path; objects on the way are made.
 * @throws EvtgenError `invalid_path` when the path leads through something that is neither object nor list
 */
export function withValue(data: Json, path: DataPath, value: Json): Json {
  const root = { data: structuredClone(data) } as { [key: string]: Json };
  let holder: Mutable = root;
  const full: DataPath = ['data', ...path];
  for (const [index, key] of full.entries()) {
    checkKey(holder, key, full.slice(0, index));
    const isLast = index === full.length - 1;
    const known = valueAt(holder as Json, [key]);
    const next: Json = isLast ? value : (known ?? (typeof full[index + 1] === 'number' ? [] : {}));
    // Assigning to __proto__ would change what the object is.
    Object.defineProperty(holder, key, { value: next, enumerable: true, configurable: true, writable: true });
    if (!isLast) {
      if (next === null || typeof next !== 'object') {
        const place = formatPath(full.slice(0, index + 1));
        throw new EvtgenError(
          'invalid_path',
          `${formatPath(full)}: ${place} is ${JSON.stringify(next)}, which has no properties`,
        );
      }
      holder = next as Mutable;
    }
  }
  return root['data'] ?? null;
}

function checkKey(holder: Mutable, key: string | number, place: DataPath): void {
  const where = formatPath(place);
  if (Array.isArray(holder)) {
    if (typeof key !== 'number') {
      throw new EvtgenError(
        'invalid_path',
        `${where} is a list: expected an index such as ${where}[0], got ${JSON.stringify(key)}`,
      );
    }
    if (key > holder.length) {
      throw new EvtgenError(
        'invalid_path',
        `${where} has ${holder.length} items: there is no ${where}[${key}]`,
      );
    }
  } else if (typeof key === 'number') {
    throw new EvtgenError('invalid_path', `${where} is no list: it has no item [${key}]`);
  }
}

/** Lays `over` on top of data: objects are merged, all else is replaced. */
export function merged(data: Json, over: Json): Json {
  if (!isObject(data) || !isObject(over)) return over;
  const keys = new Set([...Object.keys(data), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      const [below, above] = [valueAt(data, [key]), valueAt(over, [key])];
      return [
        key,
        above === undefined ? (below ?? null) : below === undefined ? above : merged(below, above),
      ];
    }),
  );
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** What of the data is no longer there once its schema has parsed it. */
export function droppedPaths(given: Json, kept: unknown, path: DataPath = ['data']): string[] {
  if (isDeepStrictEqual(given, kept)) return [];
  if (kept === undefined) return [formatPath(path)];
  if (given === null || typeof given !== 'object' || kept === null || typeof kept !== 'object') return [];
  return Object.entries(given).flatMap(([key, value]) =>
    droppedPaths(
      value as Json,
      Object.hasOwn(kept, key) ? (kept as Record<string, unknown>)[key] : undefined,
      [...path, Array.isArray(given) ? Number(key) : key],
    ),
  );
}
