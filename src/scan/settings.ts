import {
  list,
  literal,
  native,
  object,
  UNDEFINED,
  unknown,
  type ExternalValue,
  type Value,
} from './values.ts';

/**
 * Settings that a library reads from the environment by a schema, or checks by one. What the sources say about a
 * variable of the environment is its default.
 */
export function callSettings(target: ExternalValue, args: readonly Value[]): Value | undefined {
  const [first, second] = args;
  const name = lastName(target);
  switch (target.from) {
    case 'convict':
      return isPlain(target) ? convictOf(first) : undefined;
    case 'env-schema':
      return isPlain(target) ? defaultsOf(propertyOf(first, 'schema')) : undefined;
    case 'envalid':
      return name === 'cleanEnv' ? defaultsOf(second) : undefined;
    case 'confidence':
    case '@hapipal/confidence':
      return name === 'Store' ? storeOf(first) : undefined;
    case 'joi':
    case '@hapi/joi':
      return name === 'attempt' ? first : undefined;
    case 'zod':
    case 'zod/v4':
      if (isEnvironment(first)) return parsedEnvironment(target, name);
      return first?.kind === 'object' && (name === 'parse' || name === 'parseAsync') ? first : undefined;
    default:
      return undefined;
  }
}

/** The defaults of a schema: JSON Schema, fluent-json-schema, TypeBox, zod or envalid; undefined for all else. */
export function defaultsOf(schema: Value | undefined): Value | undefined {
  const properties = propertiesOf(schema);
  if (properties === undefined) return undefined;
  const made = object();
  made.isOpen = true;
  for (const [name, property] of properties) {
    const value = defaultOf(property);
    if (value !== undefined) made.properties.set(name, value);
  }
  return made;
}

function propertiesOf(schema: Value | undefined): ReadonlyMap<string, Value> | undefined {
  if (schema?.kind === 'object') {
    const inner = schema.properties.get('properties');
    return inner?.kind === 'object' ? inner.properties : schema.properties;
  }
  if (schema?.kind !== 'external') return undefined;
  const fluent = schema.steps.flatMap((step, index): [string, Value][] => {
    if (typeof step === 'string' || schema.steps[index - 1] !== 'prop') return [];
    const [name, property] = step;
    return name?.kind === 'literal' && property !== undefined ? [[String(name.value), property]] : [];
  });
  if (fluent.length > 0) return new Map(fluent);
  const [fields] = schema.steps.find((step) => typeof step !== 'string') ?? [];
  return fields?.kind === 'object' ? fields.properties : undefined;
}

function defaultOf(property: Value): Value | undefined {
  if (property.kind === 'object') return property.properties.get('default');
  if (property.kind !== 'external') return undefined;
  const called = property.steps.lastIndexOf('default');
  const given = called === -1 ? undefined : property.steps[called + 1];
  if (given !== undefined && typeof given !== 'string') return given[0];
  const options = property.steps.flatMap((step) => (typeof step === 'string' ? [] : step));
  return options.map((option) => propertyOf(option, 'default')).find((value) => value !== undefined);
}

function parsedEnvironment(target: ExternalValue, name: string | undefined): Value | undefined {
  const defaults = defaultsOf(target);
  if (defaults === undefined) return undefined;
  if (name === 'parse' || name === 'parseAsync') return defaults;
  return name === 'safeParse'
    ? object([
        ['success', literal(true)],
        ['data', defaults],
      ])
    : undefined;
}

/** `convict(schema)`: groups nest, a leaf has a `default`. */
function convictOf(schema: Value | undefined): Value | undefined {
  if (schema?.kind !== 'object') return undefined;
  const settings = convictDefaults(schema);
  const self: Value = {
    ...native(() => UNDEFINED),
    member(name) {
      if (name === 'getProperties') return native(() => settings);
      if (name === 'get' || name === 'default') return native(([path]) => at(settings, path, '.'));
      return /^(?:load|loadFile|set|validate)$/.test(name) ? native(() => self) : undefined;
    },
  };
  return self;
}

function convictDefaults(schema: Value): Value {
  if (schema.kind !== 'object') return schema;
  const leaf = schema.properties.get('default');
  if (leaf !== undefined && !isGroup(leaf)) return leaf;
  const made = object();
  made.isOpen = true;
  for (const [name, inner] of schema.properties) made.properties.set(name, convictDefaults(inner));
  return made;
}

/** A group of settings that is itself called `default`. */
function isGroup(value: Value): boolean {
  return (
    value.kind === 'object' && [...value.properties.values()].some((inner) => hasProperty(inner, 'default'))
  );
}

/** `new Confidence.Store(document)`, whose criteria decide among `$filter`s: without them the `$default`. */
function storeOf(document: Value | undefined): Value | undefined {
  if (document === undefined) return undefined;
  const settled = settle(document);
  return {
    ...native(() => UNDEFINED),
    member: (name) => (name === 'get' ? native(([path]) => at(settled, path, '/')) : undefined),
  };
}

function settle(value: Value): Value {
  if (value.kind === 'list') return list(value.items.map(settle));
  if (value.kind !== 'object' || value.class !== null) return value;
  const { properties } = value;
  const chosen = properties.get('$value') ?? properties.get('$default');
  if (
    properties.has('$filter') ||
    properties.has('$value') ||
    properties.has('$param') ||
    properties.has('$env')
  ) {
    const base = properties.get('$base');
    const [own, below] = [
      chosen === undefined ? undefined : settle(chosen),
      base === undefined ? undefined : settle(base),
    ];
    if (own === undefined) return below ?? unknown('setting');
    if (own.kind !== 'object' || below?.kind !== 'object') return own;
    return { ...own, properties: new Map([...below.properties, ...own.properties]) };
  }
  const entries = [...properties].filter(([name]) => !/^\$(?:meta|id)$/.test(name));
  return { ...value, properties: new Map(entries.map(([name, inner]) => [name, settle(inner)])) };
}

function at(settings: Value, path: Value | undefined, separator: string): Value {
  if (path === undefined) return settings;
  if (path.kind !== 'literal') return unknown('setting');
  const names = String(path.value)
    .split(separator)
    .filter((name) => name !== '');
  let value: Value | undefined = settings;
  for (const name of names) value = propertyOf(value, name);
  return value ?? unknown(names.join('.'));
}

function isEnvironment(value: Value | undefined): boolean {
  return value?.kind === 'external' && value.from === 'process' && value.steps[0] === 'env';
}

function isPlain(target: ExternalValue): boolean {
  return target.steps.every((step) => step === 'default' || step === 'envSchema');
}

function lastName(target: ExternalValue): string | undefined {
  const last = target.steps.at(-1);
  return typeof last === 'string' ? last : undefined;
}

function propertyOf(value: Value | undefined, name: string): Value | undefined {
  return value?.kind === 'object' ? value.properties.get(name) : undefined;
}

function hasProperty(value: Value, name: string): boolean {
  return propertyOf(value, name) !== undefined;
}
