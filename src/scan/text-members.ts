import {
  list,
  literal,
  native,
  text,
  textParts,
  unknown,
  type LiteralValue,
  type TextValue,
  type Value,
} from './values.ts';

type StringOperation = (value: string, args: readonly Value[]) => Value | undefined;

function stringArgument(args: readonly Value[], index = 0): string | undefined {
  const value = args[index];
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : undefined;
}

function numberArgument(args: readonly Value[], index: number): number | undefined {
  const value = args[index];
  return value?.kind === 'literal' && typeof value.value === 'number' ? value.value : undefined;
}

function pattern(args: readonly Value[], flags: string): RegExp | string | undefined {
  const [first] = args;
  if (first?.kind !== 'regex') return stringArgument(args);
  try {
    return new RegExp(first.source, flags);
  } catch (error) {
    // A pattern with flags that we do not keep, such as a named set of the `v` flag.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `pattern.test(path)` */
export function matches(owner: Value, subject: Value | undefined): Value {
  const wanted = pattern([owner], '');
  const value = subject === undefined ? undefined : stringArgument([subject]);
  return wanted instanceof RegExp && value !== undefined ? literal(wanted.test(value)) : unknown('test');
}

function whenKnown<T>(value: T | undefined, use: (value: T) => Value | undefined): Value | undefined {
  return value === undefined ? undefined : use(value);
}

/** Methods of strings that path code uses; an operation returns undefined where its arguments are unknown. */
const OPERATIONS: Readonly<Record<string, StringOperation>> = {
  toLowerCase: (value) => literal(value.toLowerCase()),
  toUpperCase: (value) => literal(value.toUpperCase()),
  toString: (value: string) => literal(value),
  trim: (value) => literal(value.trim()),
  charAt: (value, args) => literal(value.charAt(numberArgument(args, 0) ?? 0)),
  slice: (value, args) => literal(value.slice(numberArgument(args, 0), numberArgument(args, 1))),
  substring: (value, args) => literal(value.substring(numberArgument(args, 0) ?? 0, numberArgument(args, 1))),
  startsWith: (value, args) => whenKnown(stringArgument(args), (start) => literal(value.startsWith(start))),
  endsWith: (value, args) => whenKnown(stringArgument(args), (end) => literal(value.endsWith(end))),
  includes: (value, args) => whenKnown(stringArgument(args), (part) => literal(value.includes(part))),
  indexOf: (value, args) => whenKnown(stringArgument(args), (part) => literal(value.indexOf(part))),
  split: (value, args) =>
    whenKnown(stringArgument(args), (separator) => list(value.split(separator).map((part) => literal(part)))),
  match: (value, args) =>
    whenKnown(pattern(args, ''), (wanted) =>
      value.match(wanted) === null ? literal(null) : unknown('match'),
    ),
  replace: (value, args) =>
    whenKnown(pattern(args, ''), (wanted) =>
      whenKnown(stringArgument(args, 1), (replacement) => literal(value.replace(wanted, replacement))),
    ),
  replaceAll: (value, args) =>
    whenKnown(pattern(args, 'g'), (wanted) =>
      whenKnown(stringArgument(args, 1), (replacement) => literal(value.replaceAll(wanted, replacement))),
    ),
};

/** A member of a string; undefined where strings have none of that name or it is of no use to paths. */
export function textMember(owner: LiteralValue | TextValue, name: string): Value | undefined {
  if (name === 'concat')
    return native((args) => text([...textParts(owner), ...args.flatMap(textParts)], [owner, ...args]));
  if (owner.kind === 'literal' && typeof owner.value !== 'string') return undefined;
  if (name === 'length')
    return owner.kind === 'literal' ? literal(String(owner.value).length) : unknown(name);
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) return undefined;
  return native((args) => {
    if (owner.kind === 'literal') return operation(String(owner.value), args) ?? unknown(name);
    // Operations that keep the length of a hole's surroundings can be applied to the known parts.
    const isPartwise = name === 'toLowerCase' || name === 'toUpperCase' || name === 'toString';
    return isPartwise ? text(owner.parts) : unknown(name);
  });
}
