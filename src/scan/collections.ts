import { iterated } from './iterables.ts';
import { list, literal, native, UNDEFINED, union, unknown, type NativeValue, type Value } from './values.ts';

type Call = (target: Value, args: readonly Value[]) => Value;

/** `new Map()`: what a registry of hooks, plugins or controllers is kept in. */
export function mapValue(entries: Value | undefined, call: Call): Value {
  const known = new Map<unknown, readonly [Value, Value]>();
  /** Values under keys that only the running program knows. */
  const hidden: Value[] = [];
  const set = (key: Value, value: Value): void => {
    const identity = identityOf(key);
    if (identity === undefined) hidden.push(value);
    else known.set(identity, [key, value]);
  };
  for (const entry of entries === undefined ? [] : (iterated(entries) ?? [])) {
    if (entry.kind === 'list') set(entry.items[0] ?? UNDEFINED, entry.items[1] ?? UNDEFINED);
  }
  const find = (key: Value): Value => {
    if (key.kind === 'union') return union(key.options.map(find));
    const identity = identityOf(key);
    const found = identity === undefined ? undefined : known.get(identity)?.[1];
    if (found !== undefined) return found;
    if (identity !== undefined && hidden.length === 0) return UNDEFINED;
    const possible = [
      ...(identity === undefined ? [...known.values()].map(([, value]) => value) : []),
      ...hidden,
    ];
    return possible.length === 0 ? UNDEFINED : union(possible);
  };
  const made: NativeValue = {
    kind: 'native',
    call: () => UNDEFINED,
    items: () => [...known.values()].map(([key, value]) => list([key, value])),
    member(name) {
      switch (name) {
        case 'set':
          return native(([key = UNDEFINED, value = UNDEFINED]) => {
            set(key, value);
            return made;
          });
        case 'get':
          return native(([key = UNDEFINED]) => find(key));
        case 'has':
          return native(([key = UNDEFINED]) => hasKey(known, hidden, key));
        case 'delete':
        case 'clear':
          return native(() => unknown(name));
        case 'keys':
          return native(() => list([...known.values()].map(([key]) => key)));
        case 'values':
          return native(() => list([...[...known.values()].map(([, value]) => value), ...hidden]));
        case 'entries':
          return native(() => list([...known.values()].map(([key, value]) => list([key, value]))));
        case 'size':
          return hidden.length === 0 ? literal(known.size) : unknown(name);
        case 'forEach':
          return native(([callback = UNDEFINED]) => {
            for (const [key, value] of known.values()) call(callback, [value, key]);
            for (const value of hidden) call(callback, [value, unknown('key')]);
            return UNDEFINED;
          });
        default:
          return undefined;
      }
    },
  };
  return made;
}

/** `new Set()` */
export function setValue(members: Value | undefined, call: Call): Value {
  const items: Value[] = [];
  const add = (item: Value): void => {
    const identity = identityOf(item);
    if (identity === undefined || !items.some((known) => identityOf(known) === identity)) items.push(item);
  };
  for (const item of members === undefined ? [] : (iterated(members) ?? [unknown('member')])) add(item);
  const made: NativeValue = {
    kind: 'native',
    call: () => UNDEFINED,
    items: () => items,
    member(name) {
      switch (name) {
        case 'add':
          return native(([item = UNDEFINED]) => {
            add(item);
            return made;
          });
        case 'has':
          return native(([item = UNDEFINED]) => {
            const identity = identityOf(item);
            if (identity === undefined) return unknown(name);
            if (items.some((known) => identityOf(known) === identity)) return literal(true);
            return items.some((known) => identityOf(known) === undefined) ? unknown(name) : literal(false);
          });
        case 'keys':
        case 'values':
          return native(() => list(items));
        case 'size':
          return literal(items.length);
        case 'forEach':
          return native(([callback = UNDEFINED]) => {
            for (const item of items) call(callback, [item, item]);
            return UNDEFINED;
          });
        default:
          return undefined;
      }
    },
  };
  return made;
}

function hasKey(known: ReadonlyMap<unknown, unknown>, hidden: readonly Value[], key: Value): Value {
  const identity = identityOf(key);
  if (identity === undefined) return unknown('has');
  if (known.has(identity)) return literal(true);
  return hidden.length === 0 ? literal(false) : unknown('has');
}

/** What makes two values the same key; undefined for what only the running program knows. */
function identityOf(value: Value): unknown {
  switch (value.kind) {
    case 'literal':
      return `${typeof value.value} ${String(value.value)}`;
    case 'function':
    case 'class':
      return value.node;
    case 'router':
      return value.router;
    case 'object':
    case 'list':
    case 'native':
      return value;
    default:
      return undefined;
  }
}
