import type { JsonSchema } from '../scan/report.ts';

/** A change within one version that somebody out there was not told of. */
export interface SchemaChange {
  /** Steps from the schema to the place: `properties`, `total`. */
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * What of a schema's version is not as it was promised: to who reads new events by the old schema (a property is
 * missing, or of another type), and to who reads old events, which stay in the log, by the new one (a property that
 * they lack is required, a value that they hold is not allowed). Optional properties and new values of an enum may be added.
 */
export function breakingChanges(before: JsonSchema, after: JsonSchema): SchemaChange[] {
  const changes: SchemaChange[] = [];
  compare(before, after, [], { before, after, changes, seen: new Set() });
  return changes;
}

interface Comparison {
  readonly before: JsonSchema;
  readonly after: JsonSchema;
  readonly changes: SchemaChange[];
  /** Pairs of references that are being compared, since schemas may hold themselves. */
  readonly seen: Set<string>;
}

function compare(before: JsonSchema, after: JsonSchema, path: readonly string[], all: Comparison): void {
  if (before.$ref !== undefined || after.$ref !== undefined) {
    const isBoth = before.$ref !== undefined && after.$ref !== undefined;
    const pair = `${before.$ref} ${after.$ref}`;
    if (all.seen.has(pair)) return;
    if (isBoth) all.seen.add(pair);
    compare(resolved(before, all.before), resolved(after, all.after), path, all);
    return;
  }
  const say = (message: string, ...steps: string[]): void => {
    all.changes.push({ path: [...path, ...steps], message });
  };
  compareTypes(before, after, say);
  compareValues(before, after, say);
  compareLimits(before, after, say);
  compareProperties(before, after, path, all);
  if (before.items !== undefined && after.items !== undefined) {
    compare(before.items, after.items, [...path, 'items'], all);
  }
  compareAlternatives(before, after, path, all);
}

type Say = (message: string, ...steps: string[]) => void;

function compareTypes(before: JsonSchema, after: JsonSchema, say: Say): void {
  const [old, now] = [typesOf(before), typesOf(after)];
  if (old === null && now === null) return;
  if (old === null || now === null) {
    say(
      now === null
        ? `may be of any type now, and was ${old?.join(' or ')}`
        : `has to be ${now.join(' or ')} now`,
    );
    return;
  }
  const added = now.filter((type) => !old.includes(type));
  const removed = old.filter((type) => !now.includes(type));
  if (added.length > 0) say(`may be ${added.join(' or ')} now, and was ${old.join(' or ')}`);
  else if (removed.length > 0) say(`may no longer be ${removed.join(' or ')}`);
  if (before.format !== undefined && after.format !== undefined && before.format !== after.format) {
    say(`has the format ${after.format} now, and had ${before.format}`);
  }
}

function typesOf({ type }: JsonSchema): readonly string[] | null {
  if (type === undefined) return null;
  return typeof type === 'string' ? [type] : type;
}

function compareValues(before: JsonSchema, after: JsonSchema, say: Say): void {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  if (old === null && now !== null) say(`is limited to ${list(now)} now`);
  if (old === null || now === null) return;
  const removed = old.filter((value) => !now.includes(value));
  if (removed.length > 0) say(`may no longer be ${list(removed)}`);
}

function valuesOf(schema: JsonSchema): readonly unknown[] | null {
  if ('const' in schema) return [schema.const];
  return schema.enum ?? null;
}

function list(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}

const LOWER_LIMITS = ['minimum', 'minLength', 'minItems'] as const;
const UPPER_LIMITS = ['maximum', 'maxLength', 'maxItems'] as const;

function compareLimits(before: JsonSchema, after: JsonSchema, say: Say): void {
  for (const name of LOWER_LIMITS) {
    const [old, now] = [before[name], after[name]];
    if (now !== undefined && now > (old ?? Number.NEGATIVE_INFINITY)) say(`has ${name} ${now} now`);
  }
  for (const name of UPPER_LIMITS) {
    const [old, now] = [before[name], after[name]];
    if (now !== undefined && now < (old ?? Number.POSITIVE_INFINITY)) say(`has ${name} ${now} now`);
  }
  if (after.pattern !== undefined && after.pattern !== before.pattern) say('has another pattern now');
}

function compareProperties(
  before: JsonSchema,
  after: JsonSchema,
  path: readonly string[],
  all: Comparison,
): void {
  const say = (message: string): void => void all.changes.push({ path, message });
  const [old, now] = [before.properties ?? {}, after.properties ?? {}];
  for (const [name, schema] of Object.entries(old)) {
    const wasRequired = before.required?.includes(name) === true;
    const next = now[name];
    if (next === undefined) {
      if (wasRequired)
        say(`lost the required property ${JSON.stringify(name)}${renamed(name, schema, old, now)}`);
      continue;
    }
    if (wasRequired && after.required?.includes(name) !== true) {
      say(`may lack ${JSON.stringify(name)} now, which was required`);
    }
    compare(schema, next, [...path, 'properties', name], all);
  }
  for (const name of after.required ?? []) {
    if (before.required?.includes(name) === true) continue;
    if (before.properties !== undefined || before.type === 'object') {
      say(`requires ${JSON.stringify(name)} now, which events of before may lack`);
    }
  }
  const isClosed = (schema: JsonSchema): boolean => (schema.additionalProperties ?? false) === false;
  if (!isClosed(before) && isClosed(after)) say('no longer lets other properties through');
}

/** The only new property of the very same schema is what became of an old one. */
function renamed(
  name: string,
  schema: JsonSchema,
  old: Readonly<Record<string, JsonSchema>>,
  now: Readonly<Record<string, JsonSchema>>,
): string {
  const isSame = (other: JsonSchema): boolean => JSON.stringify(other) === JSON.stringify(schema);
  const added = Object.keys(now).filter((other) => !(other in old) && isSame(now[other] ?? {}));
  const lost = Object.keys(old).filter((other) => !(other in now) && isSame(old[other] ?? {}));
  const [only] = added;
  return only !== undefined && added.length === 1 && lost.length === 1 && lost[0] === name
    ? `; is it ${JSON.stringify(only)} now?`
    : '';
}

function compareAlternatives(
  before: JsonSchema,
  after: JsonSchema,
  path: readonly string[],
  all: Comparison,
): void {
  const text = (schema: JsonSchema): string => JSON.stringify(schema);
  const [old, now] = [before.anyOf ?? [], after.anyOf ?? []];
  const lost = old.filter((schema) => !now.some((other) => text(other) === text(schema)));
  const added = now.filter((schema) => !old.some((other) => text(other) === text(schema)));
  if (lost.length === added.length) {
    for (const [index, schema] of lost.entries()) {
      const next = added[index];
      if (next !== undefined) compare(schema, next, [...path, 'anyOf', String(now.indexOf(next))], all);
    }
    return;
  }
  const message =
    added.length > lost.length ? 'may be something else now too' : 'may no longer be all that it was';
  all.changes.push({ path, message });
}

/** `#` or `#/definitions/Name`, which is all that a schema file may refer to. */
function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref: reference } = schema;
  if (reference === undefined) return schema;
  if (reference === '#') return root;
  const name = reference.replace('#/definitions/', '').replaceAll('~1', '/').replaceAll('~0', '~');
  return root.definitions?.[name] ?? {};
}
