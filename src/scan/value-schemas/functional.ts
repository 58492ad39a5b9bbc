import type { JsonSchema } from '../report.ts';
import { anyOf, ANYTHING, merge, objectSchema, only, without } from '../schemas.ts';
import type { Value } from '../values.ts';
import {
  describedShape,
  literalsIn,
  namesIn,
  required,
  schemaIn,
  type Describe,
  type Described,
  type SchemaLibrary,
} from './library.ts';
import { additional, arrayOf, nullable } from './zod.ts';

// https://github.com/sinclairzx81/typebox, https://valibot.dev/api, https://docs.superstructjs.org: calls in calls.
const functional: SchemaLibrary = {
  packages:
    /^(?:typebox|@sinclair\/typebox|@fastify\/type-provider-typebox|elysia|valibot|superstruct)(?:\/[\w-]+)?$/,
  read(steps, describe) {
    const [call] = steps;
    if (call === undefined || steps.length > 1) return null;
    const [first, second] = call.args;
    const name = call.name.toLowerCase();
    switch (name) {
      case 'optional':
      case 'exactoptional':
      case 'nullish':
      case 'undefinedable': {
        const schema = schemaIn(describe(first));
        return { schema: name === 'nullish' ? nullable(schema) : schema, isOptional: true };
      }
      case 'pipe':
        return piped(call.args, describe);
      case 'readonly':
      case 'lazy':
      case 'defaulted':
      case 'fallback':
        return describe(first) ?? required(ANYTHING);
      default: {
        const schema = schemaNamed(name, first, second, describe);
        return schema === null ? null : required(schema);
      }
    }
  },
};

export default functional;

function schemaNamed(
  name: string,
  first: Value | undefined,
  second: Value | undefined,
  describe: Describe,
): JsonSchema | null {
  const inner = (value: Value | undefined): JsonSchema => schemaIn(describe(value));
  const innerList = (value: Value | undefined): JsonSchema[] =>
    value?.kind === 'list' ? value.items.map(inner) : [];
  switch (name) {
    case 'string': {
      const format = first?.kind === 'object' ? first.properties.get('format') : undefined;
      return format?.kind === 'literal' && typeof format.value === 'string'
        ? { type: 'string', format: format.value }
        : { type: 'string' };
    }
    case 'number':
    case 'numeric':
      return { type: 'number' };
    case 'integer':
    case 'bigint':
      return { type: 'integer' };
    case 'boolean':
    case 'booleanstring':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date-time' };
    case 'null':
      return { type: 'null' };
    case 'any':
    case 'unknown':
    case 'unsafe':
    case 'ref':
      return ANYTHING;
    case 'literal':
      return first?.kind === 'literal' && first.value !== undefined ? { const: first.value } : ANYTHING;
    case 'enum':
    case 'enums':
    case 'picklist':
    case 'unionenum': {
      const literals = literalsIn(first);
      return literals.length === 0 ? ANYTHING : anyOf(literals.map((literal) => ({ const: literal })));
    }
    case 'array':
    case 'set':
      return arrayOf(inner(first));
    case 'tuple':
      return arrayOf(anyOf(innerList(first)));
    case 'record':
      return { type: 'object', additionalProperties: additional(inner(second ?? first)) };
    case 'union':
    case 'variant':
      return anyOf(innerList(first?.kind === 'list' ? first : second));
    case 'nullable':
    case 'maybenull':
      return nullable(inner(first));
    case 'intersect':
    case 'composite':
    case 'intersection':
      return merge(innerList(first));
    case 'object':
    case 'strictobject':
    case 'type':
    case 'form': {
      const { properties, required: names } = describedShape(first, describe);
      return objectSchema(properties, names);
    }
    case 'looseobject': {
      const { properties, required: names } = describedShape(first, describe);
      return objectSchema(properties, names, true);
    }
    case 'partial': {
      const { required: _required, ...schema } = inner(first);
      return schema;
    }
    case 'required': {
      const schema = inner(first);
      return { ...schema, required: Object.keys(schema.properties ?? {}) };
    }
    case 'omit':
      return without(inner(first), keysIn(second, inner));
    case 'pick':
      return only(inner(first), keysIn(second, inner));
    default:
      return null;
  }
}

/** Of `['id']`, or of a union of literals. */
function keysIn(value: Value | undefined, inner: (value: Value | undefined) => JsonSchema): string[] {
  const names = namesIn(value);
  if (names.length > 0) return names;
  const { enum: options = [], const: single } = inner(value);
  return [...options, single].filter((name) => typeof name === 'string');
}

/** `pipe(string(), email())` */
function piped(args: readonly Value[], describe: Describe): Described {
  const [first, ...actions] = args;
  const start = describe(first) ?? required(ANYTHING);
  let { schema } = start;
  for (const action of actions) {
    const name =
      action.kind === 'external' ? action.steps.filter((step) => typeof step === 'string').at(-1) : '';
    if (name === 'email' || name === 'uuid') schema = { ...schema, format: name };
    if (name === 'url') schema = { ...schema, format: 'uri' };
    if (name === 'isoTimestamp' || name === 'isoDateTime') schema = { ...schema, format: 'date-time' };
    if (name === 'integer') schema = { ...schema, type: 'integer' };
  }
  return { ...start, schema };
}
