import type { JsonSchema, JsonSchemaType } from '../report.ts';
import { anyOf, ANYTHING, isKnown, merge, objectSchema } from '../schemas.ts';
import type { ObjectValue, Value } from '../values.ts';
import { literalsIn, required, schemaIn, type Describe, type Described } from './library.ts';
import { additional, arrayOf, nullable } from './zod.ts';

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/** A JSON Schema or an OpenAPI schema written as an object literal; null where it is none. */
export function readJsonSchema(
  value: ObjectValue,
  describe: Describe,
  named: (reference: string) => JsonSchema,
): Described | null {
  const text = (name: string): string | null => {
    const found = value.properties.get(name);
    return found?.kind === 'literal' && typeof found.value === 'string' ? found.value : null;
  };
  const inner = (part: Value | undefined): JsonSchema => schemaIn(describe(part));
  const listed = (name: string): JsonSchema[] => {
    const found = value.properties.get(name);
    return found?.kind === 'list' ? found.items.map(inner) : [];
  };
  const reference = text('$ref');
  if (reference !== null) return required(named(reference));
  const types = typesIn(value.properties.get('type'));
  const literals = literalsIn(value.properties.get('enum'));
  const constant = value.properties.get('const');
  const union = [...listed('anyOf'), ...listed('oneOf')];
  const parts = listed('allOf');
  const properties = value.properties.get('properties');
  const isNullable = isTrue(value.properties.get('nullable'));
  const finish = (schema: JsonSchema): Described => required(isNullable ? nullable(schema) : schema);

  if (literals.length > 0) return finish(anyOf(literals.map((literal) => ({ const: literal }))));
  if (constant?.kind === 'literal' && constant.value !== undefined)
    return required({ const: constant.value });
  if (properties?.kind === 'object') {
    const names = literalsIn(value.properties.get('required')).filter((name) => typeof name === 'string');
    const own: JsonSchema = {
      ...objectSchema(
        Object.fromEntries([...properties.properties].map(([name, part]) => [name, inner(part)])),
        names,
      ),
      ...openness(value.properties.get('additionalProperties'), inner),
    };
    return finish(withNull(parts.length === 0 ? own : merge([...parts, own]), types));
  }
  if (parts.length > 0) return finish(parts.length === 1 ? (parts[0] ?? ANYTHING) : merge(parts));
  if (union.length > 0) return finish(anyOf(union));
  if (types.length === 0) return null;
  const items = value.properties.get('items');
  const format = text('format');
  const schemas = types.map((type): JsonSchema => {
    if (type === 'array')
      return arrayOf(items?.kind === 'list' ? anyOf(items.items.map(inner)) : inner(items));
    if (type === 'object') {
      return { type, ...openness(value.properties.get('additionalProperties') ?? undefined, inner) };
    }
    return type === 'string' && format !== null ? { type, format } : { type };
  });
  return finish(anyOf(schemas));
}

function openness(value: Value | undefined, inner: (part: Value) => JsonSchema): Partial<JsonSchema> {
  if (value === undefined) return {};
  if (value.kind === 'literal') return value.value === true ? { additionalProperties: true } : {};
  return { additionalProperties: additional(inner(value)) };
}

function withNull(schema: JsonSchema, types: readonly JsonSchemaType[]): JsonSchema {
  return types.includes('null') ? nullable(schema) : schema;
}

function typesIn(value: Value | undefined): JsonSchemaType[] {
  const names = value?.kind === 'literal' ? [value.value] : literalsIn(value);
  return names.filter((name): name is JsonSchemaType => typeof name === 'string' && TYPES.has(name));
}

function isTrue(value: Value | undefined): boolean {
  return value?.kind === 'literal' && value.value === true;
}

/** Fastify's shorthand: `{ id: { type: 'string' } }` stands for the properties alone. */
export function readShorthand(value: ObjectValue, describe: Describe): Described | null {
  const entries = [...value.properties];
  if (entries.length === 0) return null;
  const described = entries.map(([name, part]) => ({ name, found: describe(part) }));
  if (described.some(({ found }) => found === null)) return null;
  if (!described.some(({ found }) => isKnown(schemaIn(found)))) return null;
  const properties = Object.fromEntries(described.map(({ name, found }) => [name, schemaIn(found)]));
  const names = described.filter(({ found }) => found?.isOptional === false).map(({ name }) => name);
  return required(objectSchema(properties, names));
}
