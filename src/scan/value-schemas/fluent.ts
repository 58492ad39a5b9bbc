import type { JsonSchema } from '../report.ts';
import { anyOf, ANYTHING, merge, objectSchema, propertyOf } from '../schemas.ts';
import type { Value } from '../values.ts';
import {
  describedShape,
  literalsIn,
  schemaIn,
  type Describe,
  type Described,
  type SchemaLibrary,
  type Step,
} from './library.ts';
import { arrayOf, nullable } from './zod.ts';

// https://joi.dev/api and https://github.com/jquense/yup: chains in which all is optional until it is required.
const fluent: SchemaLibrary = {
  packages: /^(?:joi|@hapi\/joi|@joi\/date|celebrate|yup)$/,
  read(steps, describe) {
    const [base, ...rest] = steps;
    const start = base === undefined ? null : baseSchema(base, describe);
    if (start === null) return null;
    let described: Described = { schema: start, isOptional: true };
    for (const step of rest) described = refine(described, step, describe);
    return described;
  },
};

export default fluent;

function baseSchema({ name, args }: Step, describe: Describe): JsonSchema | null {
  const [first] = args;
  switch (name) {
    case 'string':
    case 'hex':
      return { type: 'string' };
    case 'number':
      return { type: 'number' };
    case 'boolean':
    case 'bool':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date-time' };
    case 'binary':
      return { type: 'string' };
    case 'any':
    case 'mixed':
    case 'when':
    case 'lazy':
    case 'ref':
      return ANYTHING;
    case 'array':
      return arrayOf(schemaIn(describe(first)));
    case 'object':
      return first === undefined ? { type: 'object' } : objectOf(first, describe);
    case 'alternatives':
    case 'alt':
      return args.length === 0 ? ANYTHING : oneOf(args, describe);
    case 'valid':
    case 'equal':
    case 'allow':
      return anyOf(literalsOf(args).map((literal) => ({ const: literal })));
    default:
      return null;
  }
}

function refine(described: Described, { name, args }: Step, describe: Describe): Described {
  const { schema } = described;
  const [first] = args;
  const become = (changed: JsonSchema): Described => ({ ...described, schema: changed });
  switch (name) {
    case 'required':
    case 'exist':
    case 'defined':
      return { ...described, isOptional: false };
    case 'optional':
    case 'notRequired':
      return { ...described, isOptional: true };
    case 'default':
      return { ...described, isOptional: true };
    case 'email':
    case 'uuid':
      return become({ ...schema, format: name });
    case 'guid':
      return become({ ...schema, format: 'uuid' });
    case 'uri':
    case 'url':
      return become({ ...schema, format: 'uri' });
    case 'isoDate':
      return become({ ...schema, format: 'date-time' });
    case 'integer':
      return become({ ...schema, type: 'integer' });
    case 'keys':
    case 'append':
    case 'shape':
      return become(
        merge([schema.properties === undefined ? objectSchema({}) : schema, objectOf(first, describe)]),
      );
    case 'extract':
      return become(literalsOf(args).reduce<JsonSchema>(propertyAt, schema));
    case 'concat':
      return become(merge([schema, schemaIn(describe(first))]));
    case 'unknown':
    case 'pattern':
      return become({ ...schema, additionalProperties: true });
    case 'items':
    case 'of':
      return become(arrayOf(args.length === 1 ? schemaIn(describe(first)) : oneOf(args, describe)));
    case 'valid':
    case 'equal':
    case 'only':
    case 'oneOf': {
      const literals = literalsOf(args);
      return literals.length === 0
        ? described
        : become(anyOf(literals.map((literal) => ({ const: literal }))));
    }
    case 'try':
      return become(oneOf(args, describe));
    case 'nullable':
      return become(nullable(schema));
    case 'allow':
      return literalsOf(args).includes(null) ? become(nullable(schema)) : described;
    default:
      return described;
  }
}

/** Joi's `order.extract('address.city')` */
function propertyAt(schema: JsonSchema, path: string | number | boolean | null): JsonSchema {
  return String(path).split('.').reduce(propertyOf, schema);
}

function oneOf(values: readonly Value[], describe: Describe): JsonSchema {
  const options = values.flatMap((value) => (value.kind === 'list' ? value.items : [value]));
  return anyOf(options.map((option) => schemaIn(describe(option))));
}

function literalsOf(args: readonly Value[]): (string | number | boolean | null)[] {
  return args.flatMap((arg) =>
    arg.kind === 'literal' ? literalsIn({ kind: 'list', items: [arg] }) : literalsIn(arg),
  );
}

function objectOf(shape: Value | undefined, describe: Describe): JsonSchema {
  const { properties, required } = describedShape(shape, (value) => describe(value) ?? OPTIONAL);
  return objectSchema(properties, required);
}

const OPTIONAL: Described = { schema: ANYTHING, isOptional: true };
