import type { JsonSchema } from './report.ts';
import { anyOf, ANYTHING, isKnown, merge, objectSchema, without } from './schemas.ts';
import type { ExternalValue, Value } from './values.ts';

type Step = { readonly name: string; readonly args: readonly Value[] };

/** The schema that a followed zod expression stands for; null for values that are none. */
export function schemaOfZod(value: Value): JsonSchema | null {
  if (value.kind !== 'external' || !/^zod(?:\/v[34])?$/.test(value.from)) return null;
  const steps = stepsOf(value);
  const [base, ...rest] = steps;
  if (base === undefined) return null;
  let schema = baseSchema(base);
  let isOptional = false;
  for (const step of rest) {
    isOptional ||= /^(?:optional|nullish|default|prefault)$/.test(step.name);
    schema = refine(schema, step);
  }
  return isOptional ? { ...schema, default: undefined } : schema;
}

/** `z.string().email()` as calls; members without a call (`z.coerce`) are passed over. */
function stepsOf(value: ExternalValue): Step[] {
  const steps: Step[] = [];
  let name = '';
  for (const step of value.steps) {
    if (typeof step === 'string') name = step;
    else steps.push({ name, args: step });
  }
  return steps;
}

function baseSchema({ name, args }: Step): JsonSchema {
  const [first, second] = args;
  switch (name) {
    case 'string':
      return { type: 'string' };
    case 'email':
    case 'uuid':
      return { type: 'string', format: name };
    case 'url':
      return { type: 'string', format: 'uri' };
    case 'number':
      return { type: 'number' };
    case 'int':
    case 'bigint':
      return { type: 'integer' };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
    case 'datetime':
      return { type: 'string', format: 'date-time' };
    case 'literal':
      return first?.kind === 'literal' && first.value !== undefined ? { const: first.value } : ANYTHING;
    case 'enum':
    case 'nativeEnum':
      return enumSchema(first);
    case 'array':
      return { type: 'array', items: inner(first) };
    case 'record':
      return { type: 'object', additionalProperties: additional(second ?? first) };
    case 'union':
      return anyOf(first?.kind === 'list' ? first.items.map(inner) : []);
    case 'discriminatedUnion':
      return anyOf(second?.kind === 'list' ? second.items.map(inner) : []);
    case 'object':
    case 'strictObject':
    case 'looseObject':
      return objectOf(first);
    case 'preprocess':
      return inner(second);
    case 'optional':
    case 'nullable':
      return refine(inner(first), { name, args: [] });
    default:
      return ANYTHING;
  }
}

function inner(value: Value | undefined): JsonSchema {
  if (value === undefined) return ANYTHING;
  const { default: _default, ...schema } = schemaOfZod(value) ?? {};
  return schema;
}

function additional(value: Value | undefined): JsonSchema | true {
  const schema = inner(value);
  return isKnown(schema) ? schema : true;
}

function objectOf(shape: Value | undefined): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, value] of shape?.kind === 'object' ? shape.properties : []) {
    const schema = schemaOfZod(value) ?? {};
    properties[name] = inner(value);
    if (!('default' in schema)) required.push(name);
  }
  return objectSchema(properties, required);
}

function enumSchema(value: Value | undefined): JsonSchema {
  const items =
    value?.kind === 'list' ? value.items : value?.kind === 'object' ? [...value.properties.values()] : [];
  const values = items.flatMap((item) =>
    item.kind === 'literal' && item.value !== undefined ? [{ const: item.value }] : [],
  );
  return values.length === 0 ? ANYTHING : anyOf(values);
}

function refine(schema: JsonSchema, { name, args }: Step): JsonSchema {
  const [first] = args;
  switch (name) {
    case 'email':
    case 'uuid':
      return { ...schema, format: name };
    case 'url':
      return { ...schema, format: 'uri' };
    case 'datetime':
      return { ...schema, format: 'date-time' };
    case 'int':
      return { ...schema, type: 'integer' };
    case 'nullable':
    case 'nullish':
      return anyOf([schema, { type: 'null' }]);
    case 'array':
      return { type: 'array', items: schema };
    case 'partial':
      return { ...schema, required: [] };
    case 'extend':
      return merge([schema, objectOf(first)]);
    case 'merge':
    case 'and':
      return merge([schema, inner(first)]);
    case 'omit':
      return without(schema, keysOf(first));
    case 'pick': {
      const keys = keysOf(first);
      return without(
        schema,
        Object.keys(schema.properties ?? {}).filter((key) => !keys.includes(key)),
      );
    }
    case 'transform':
    case 'pipe':
      return schema;
    default:
      return schema;
  }
}

function keysOf(value: Value | undefined): string[] {
  return value?.kind === 'object' ? [...value.properties.keys()] : [];
}
