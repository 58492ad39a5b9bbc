import type { JsonSchema } from '../report.ts';
import { anyOf, ANYTHING, isKnown, merge, objectSchema, only, without } from '../schemas.ts';
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
  type Step,
} from './library.ts';

// https://zod.dev/api
const zod: SchemaLibrary = {
  packages:
    /^(?:zod(?:\/v[34]|\/mini|\/v4-mini)?|@hono\/zod-openapi|astro\/zod|@asteasolutions\/zod-to-openapi)$/,
  read(steps, describe) {
    const [base, ...rest] = steps;
    if (base === undefined) return null;
    const start = baseOf(base, describe);
    return start === null ? null : refined(start, rest, describe);
  },
};

export default zod;

/** A schema after the calls chained to it. */
export function refined(start: Described, steps: readonly Step[], describe: Describe): Described {
  let { schema, isOptional } = start;
  for (const step of steps) {
    if (/^(?:optional|nullish|default|prefault|catch)$/.test(step.name)) isOptional = true;
    if (step.name === 'nonoptional' || (step.name === 'required' && schema.properties === undefined)) {
      isOptional = false;
    }
    schema = refine(schema, step, describe);
  }
  return { schema, isOptional };
}

function baseOf({ name, args }: Step, describe: Describe): Described | null {
  const [first, second] = args;
  switch (name) {
    case 'optional':
    case 'nullish':
    case 'nullable': {
      const { schema, isOptional } = describe(first) ?? required(ANYTHING);
      return {
        schema: name === 'optional' ? schema : nullable(schema),
        isOptional: isOptional || name !== 'nullable',
      };
    }
    case 'preprocess':
      return describe(second) ?? required(ANYTHING);
    default: {
      const schema = baseSchema(name, first, second, describe);
      return schema === null ? null : required(schema);
    }
  }
}

function baseSchema(
  name: string,
  first: Value | undefined,
  second: Value | undefined,
  describe: Describe,
): JsonSchema | null {
  const inner = (value: Value | undefined): JsonSchema => schemaIn(describe(value));
  switch (name) {
    case 'string':
    case 'cuid':
    case 'cuid2':
    case 'ulid':
    case 'nanoid':
    case 'jwt':
    case 'base64':
    case 'emoji':
      return { type: 'string' };
    case 'email':
    case 'uuid':
      return { type: 'string', format: name };
    case 'guid':
      return { type: 'string', format: 'uuid' };
    case 'url':
      return { type: 'string', format: 'uri' };
    case 'number':
    case 'float32':
    case 'float64':
      return { type: 'number' };
    case 'int':
    case 'int32':
    case 'bigint':
      return { type: 'integer' };
    case 'boolean':
    case 'stringbool':
      return { type: 'boolean' };
    case 'date':
    case 'datetime':
      return { type: 'string', format: 'date-time' };
    case 'null':
      return { type: 'null' };
    case 'any':
    case 'unknown':
    case 'custom':
    case 'instanceof':
    case 'lazy':
    case 'json':
      return ANYTHING;
    case 'literal':
      if (first?.kind === 'list') return enumSchema(first);
      return first?.kind === 'literal' && first.value !== undefined ? { const: first.value } : ANYTHING;
    case 'enum':
    case 'nativeEnum':
      return enumSchema(first);
    case 'array':
    case 'set':
      return arrayOf(inner(first));
    case 'tuple':
      return arrayOf(first?.kind === 'list' ? anyOf(first.items.map(inner)) : ANYTHING);
    case 'record':
    case 'partialRecord':
      return { type: 'object', additionalProperties: additional(inner(second ?? first)) };
    case 'union':
    case 'xor':
      return anyOf(first?.kind === 'list' ? first.items.map(inner) : []);
    case 'discriminatedUnion':
      return anyOf(second?.kind === 'list' ? second.items.map(inner) : []);
    case 'intersection':
      return merge([inner(first), inner(second)].map(eitherOf));
    case 'object':
    case 'strictObject':
      return objectOf(first, describe);
    case 'looseObject':
      return { ...objectOf(first, describe), additionalProperties: true };
    case 'promise':
      return inner(first);
    default:
      return null;
  }
}

/** Of one of several objects: what all have, and what some have. */
function eitherOf(schema: JsonSchema): JsonSchema {
  const options = schema.anyOf ?? [];
  if (options.length === 0 || options.some((option) => option.properties === undefined)) return schema;
  const names = [...new Set(options.flatMap(({ properties }) => Object.keys(properties ?? {})))];
  const properties = names.map((name): [string, JsonSchema] => {
    const found = options.flatMap(({ properties: own }) => own?.[name] ?? []);
    return [name, anyOf(found)];
  });
  return objectSchema(
    Object.fromEntries(properties),
    names.filter((name) => options.every(({ required: own }) => own?.includes(name) === true)),
  );
}

function objectOf(shape: Value | undefined, describe: Describe): JsonSchema {
  const { properties, required } = describedShape(shape, describe);
  return objectSchema(properties, required);
}

function enumSchema(value: Value | undefined): JsonSchema {
  const literals = literalsIn(value);
  return literals.length === 0 ? ANYTHING : anyOf(literals.map((literal) => ({ const: literal })));
}

export function arrayOf(items: JsonSchema): JsonSchema {
  return isKnown(items) ? { type: 'array', items } : { type: 'array' };
}

export function additional(schema: JsonSchema): JsonSchema | true {
  return isKnown(schema) ? schema : true;
}

export function nullable(schema: JsonSchema): JsonSchema {
  return isKnown(schema) ? anyOf([schema, { type: 'null' }]) : ANYTHING;
}

function refine(schema: JsonSchema, { name, args }: Step, describe: Describe): JsonSchema {
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
      return nullable(schema);
    case 'array':
      return arrayOf(schema);
    case 'or':
      return anyOf([schema, schemaIn(describe(first))]);
    case 'partial':
    case 'deepPartial':
      return withRequired(schema, (names) =>
        first === undefined ? [] : names.filter((key) => !namesIn(first).includes(key)),
      );
    case 'required':
      return withRequired(schema, (names) =>
        schema.properties === undefined
          ? names
          : first === undefined
            ? Object.keys(schema.properties)
            : [...names, ...namesIn(first)],
      );
    case 'extend':
    case 'safeExtend':
    case 'augment':
    case 'setKey':
      return overlaid(schema, objectOf(first, describe));
    case 'merge':
    case 'and':
      return overlaid(eitherOf(schema), eitherOf(schemaIn(describe(first))));
    case 'passthrough':
    case 'loose':
      return { ...schema, additionalProperties: true };
    case 'omit':
      return without(schema, namesIn(first));
    case 'pick':
      return only(schema, namesIn(first));
    default:
      return schema;
  }
}

/** The properties of the second replace those of the first, also in being required. */
function overlaid(schema: JsonSchema, other: JsonSchema): JsonSchema {
  return merge([without(schema, Object.keys(other.properties ?? {})), other]);
}

function withRequired(
  schema: JsonSchema,
  change: (names: readonly string[]) => readonly string[],
): JsonSchema {
  const { required: names = [], ...rest } = schema;
  const changed = [...new Set(change(names))];
  return changed.length === 0 ? rest : { ...rest, required: changed };
}
