import type { JsonSchema } from './report.ts';
import { hasProperties } from './schemas.ts';

const KEPT_TIMES = /^(?:created|updated)_?at$/i;

/**
 * A row without the rows that it belongs to or has: `createdBy` beside `createdById`, and lists of rows that have an
 * identifier and times of their own. A class declares them beside its columns, and a write gives none of them back.
 */
export function withoutRelations(schema: JsonSchema): JsonSchema {
  const { properties } = schema;
  if (properties === undefined) return schema;
  const isRelation = (name: string, value: JsonSchema): boolean => {
    const isReferred = [`${name}Id`, `${name}_id`].some((key) => Object.hasOwn(properties, key));
    return (isReferred && isObject(value)) || (value.items !== undefined && isRow(value.items));
  };
  const kept = Object.entries(properties).filter(([name, value]) => !isRelation(name, value));
  const result: JsonSchema = { ...schema, properties: Object.fromEntries(kept) };
  if (!hasProperties(result)) return schema;
  const required = schema.required?.filter((name) => Object.hasOwn(result.properties ?? {}, name));
  return required === undefined ? result : { ...result, required };
}

function isObject({ type, anyOf }: JsonSchema): boolean {
  if (anyOf !== undefined) return anyOf.every((option) => option.type === 'null' || isObject(option));
  return type === 'object' || (Array.isArray(type) && type.includes('object'));
}

function isRow({ properties = {} }: JsonSchema): boolean {
  return Object.hasOwn(properties, 'id') && Object.keys(properties).some((name) => KEPT_TIMES.test(name));
}
