import type { JsonSchema, JsonSchemaType } from './report.ts';

export const ANYTHING: JsonSchema = {};

/** Whether a schema says anything at all. */
export function isKnown(schema: JsonSchema): boolean {
  return Object.keys(schema).length > 0;
}

/** Whether a schema names at least one property of what it describes. */
export function hasProperties(schema: JsonSchema): boolean {
  if (schema.properties !== undefined) return Object.keys(schema.properties).length > 0;
  if (schema.items !== undefined) return hasProperties(schema.items);
  return schema.anyOf?.some(hasProperties) ?? false;
}

/** Whether a schema says of what kind at least one of its properties is. */
export function hasKnownProperties(schema: JsonSchema): boolean {
  if (schema.properties !== undefined) return Object.values(schema.properties).some(isKnown);
  if (schema.items !== undefined) return hasKnownProperties(schema.items);
  return schema.anyOf?.some(hasKnownProperties) ?? false;
}

/** Of several, the first that names properties, else the first that says anything. */
export function mostTelling(schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.find(hasProperties) ?? schemas.find(isKnown) ?? ANYTHING;
}

/** Whether a schema leaves something open that it names. */
export function hasGaps(schema: JsonSchema): boolean {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  return inner.some((part) => !isKnown(part) || hasGaps(part));
}

/** A schema, with what another one knows of the same value where it knows nothing itself. */
export function fillGaps(schema: JsonSchema, other: JsonSchema): JsonSchema {
  if (!isKnown(schema)) return other;
  return eachPart(schema, other, fillGaps);
}

/** A schema whose plain values may be null where another one of the same value says so. */
export function withNullsOf(schema: JsonSchema, other: JsonSchema): JsonSchema {
  const isNullable = Array.isArray(other.type) && other.type.includes('null');
  if (isNullable && typeof schema.type === 'string' && schema.enum === undefined) {
    return anyOf([schema, { type: 'null' }]);
  }
  return eachPart(schema, other, withNullsOf);
}

function eachPart(
  schema: JsonSchema,
  other: JsonSchema,
  change: (part: JsonSchema, other: JsonSchema) => JsonSchema,
): JsonSchema {
  if (schema.items !== undefined) return { ...schema, items: change(schema.items, itemOf(other)) };
  if (schema.properties === undefined) return schema;
  const parts = Object.entries(schema.properties).map(([name, part]) => [
    name,
    change(part, propertyOf(other, name)),
  ]);
  return { ...schema, properties: Object.fromEntries(parts) as Record<string, JsonSchema> };
}

/** A union, in the shortest form: literals become an `enum`, `null` joins a plain type. */
export function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  if (distinct.some((schema) => !isKnown(schema))) return ANYTHING;
  const literals = distinct.flatMap((schema) => (schema.const === undefined ? [] : [schema.const]));
  const others = distinct.filter((schema) => schema.const === undefined);
  const isNullable = others.some((schema) => schema.type === 'null');
  const rest = others.filter((schema) => schema.type !== 'null');
  if (literals.length > 0) {
    const values = rest.length === 0 && isNullable ? [...literals, null] : literals;
    const literal: JsonSchema =
      values.length === 1 && values[0] !== undefined
        ? { const: values[0] }
        : { ...literalType(values), enum: values };
    rest.push(literal);
    if (rest.length === 1) return literal;
  }
  const [only] = rest;
  if (only === undefined) return { type: 'null' };
  if (!isNullable) return rest.length === 1 ? only : { anyOf: rest };
  const isPlain = rest.length === 1 && typeof only.type === 'string' && only.enum === undefined;
  if (isPlain) return { ...only, type: [only.type as JsonSchemaType, 'null'] };
  return { anyOf: [...rest, { type: 'null' }] };
}

function literalType(values: readonly (string | number | boolean | null)[]): { type?: JsonSchemaType } {
  if (values.every((value) => typeof value === 'string')) return { type: 'string' };
  return values.every((value) => typeof value === 'number') ? { type: 'number' } : {};
}

/** The schema of `value.name`; anything where it is unknown. */
export function propertyOf(schema: JsonSchema, name: string): JsonSchema {
  const own = schema.properties;
  if (own !== undefined && Object.hasOwn(own, name)) return own[name] ?? ANYTHING;
  const branch = schema.anyOf?.map((option) => propertyOf(option, name)).find(isKnown);
  return branch ?? ANYTHING;
}

/** The schema of an element. */
export function itemOf(schema: JsonSchema): JsonSchema {
  return schema.items ?? ANYTHING;
}

/** What is left of an object without some properties. */
export function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  if (schema.properties === undefined) return schema;
  const kept = Object.entries(schema.properties).filter(([name]) => !names.includes(name));
  return {
    ...schema,
    properties: Object.fromEntries(kept),
    ...(schema.required === undefined
      ? {}
      : { required: schema.required.filter((name) => !names.includes(name)) }),
  };
}

/** What is left of an object with some properties alone. */
export function only(schema: JsonSchema, names: readonly string[]): JsonSchema {
  return without(
    schema,
    Object.keys(schema.properties ?? {}).filter((name) => !names.includes(name)),
  );
}

/** An object with the properties of several; later ones win. */
export function merge(schemas: readonly JsonSchema[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required = new Set<string>();
  let isOpen = false;
  for (const schema of schemas) {
    Object.assign(properties, schema.properties);
    for (const name of schema.required ?? []) required.add(name);
    isOpen ||= schema.properties === undefined || schema.additionalProperties === true;
  }
  return objectSchema(properties, [...required], isOpen);
}

export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
  isOpen = false,
): JsonSchema {
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(isOpen ? { additionalProperties: true } : {}),
  };
}

/** The literal in `{ status: 'paid' }` is one value of many. */
export function withoutConst(schema: JsonSchema): JsonSchema {
  if (schema.const === undefined) return schema;
  switch (typeof schema.const) {
    case 'string':
      return { type: 'string' };
    case 'number':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    default:
      return ANYTHING;
  }
}
