import type { JsonSchema } from '../report.ts';
import { anyOf, ANYTHING, objectSchema } from '../schemas.ts';
import type { Value } from '../values.ts';
import {
  describedShape,
  literalsIn,
  required,
  stepsOf,
  type Describe,
  type Described,
  type SchemaLibrary,
  type Step,
} from './library.ts';
import { nullable, refined } from './zod.ts';

const COLUMN_TYPES: readonly (readonly [RegExp, JsonSchema])[] = [
  [/^(?:uuid)$/, { type: 'string', format: 'uuid' }],
  [
    /^(?:text|varchar|char|tinytext|mediumtext|longtext|citext|inet|cidr|macaddr|time|interval|bytea|binary|varbinary)$/,
    { type: 'string' },
  ],
  [/^(?:numeric|decimal)$/, { type: 'string' }],
  [
    /^(?:integer|int|smallint|tinyint|mediumint|serial|smallserial|bigserial|bigint|year)$/,
    { type: 'integer' },
  ],
  [/^(?:real|float|double|doublePrecision)$/, { type: 'number' }],
  [/^boolean$/, { type: 'boolean' }],
  [/^(?:timestamp|datetime)$/, { type: 'string', format: 'date-time' }],
  [/^date$/, { type: 'string', format: 'date' }],
  [/^(?:json|jsonb|blob|customType|vector|point|line|geometry)$/, ANYTHING],
];

// https://orm.drizzle.team/docs/sql-schema-declaration
export const drizzleTables: SchemaLibrary = {
  packages: /^drizzle-orm\/[\w-]+$/,
  read(steps, describe) {
    const [first, second, ...rest] = steps;
    if (first === undefined) return null;
    if (/^(?:pg|mysql|sqlite|singlestore)Table$|^table$/.test(first.name))
      return table(first.args[1], describe);
    // `orders.$inferSelect` and a table made by a creator with a prefix: `pgTableCreator(…)('orders', …)`.
    if (first.name.endsWith('TableCreator'))
      return second === undefined ? null : table(second.args[1], describe);
    if (/^(?:pg|mysql|singlestore)Enum$/.test(first.name)) {
      const schema = enumOf(first.args[1]);
      return column(schema, second === undefined || second.name !== '' ? steps.slice(1) : rest);
    }
    const schema = columnSchema(first);
    return schema === null ? null : column(schema, steps.slice(1));
  },
};

/** Insertable where a value is optional, so that `createInsertSchema` can be read from it. */
function column(schema: JsonSchema, steps: readonly Step[]): Described {
  const names = new Set(steps.map((step) => step.name));
  const isFilled = [
    'default',
    'defaultNow',
    'defaultRandom',
    '$default',
    '$defaultFn',
    '$onUpdate',
    '$onUpdateFn',
    'autoincrement',
    'primaryKey',
    'generatedAlwaysAs',
    'generatedAlwaysAsIdentity',
    'generatedByDefaultAsIdentity',
  ].some((name) => names.has(name));
  const isArray = names.has('array');
  const isNotNull = names.has('notNull') || names.has('primaryKey') || names.has('generatedAlwaysAsIdentity');
  const whole: JsonSchema = isArray ? { type: 'array', items: schema } : schema;
  return { schema: isNotNull ? whole : nullable(whole), isOptional: isFilled || !isNotNull };
}

function columnSchema({ name, args }: Step): JsonSchema | null {
  const settings = args.find((arg) => arg.kind === 'object');
  const setting = (key: string): Value | undefined =>
    settings?.kind === 'object' ? settings.properties.get(key) : undefined;
  const mode = setting('mode');
  const modeName = mode?.kind === 'literal' ? mode.value : undefined;
  if (name === 'integer' && (modeName === 'timestamp' || modeName === 'timestamp_ms')) {
    return { type: 'string', format: 'date-time' };
  }
  if (name === 'integer' && modeName === 'boolean') return { type: 'boolean' };
  if (modeName === 'json') return ANYTHING;
  if (name === 'date' && modeName === 'date') return { type: 'string', format: 'date-time' };
  const values = setting('enum');
  if (values !== undefined) return enumOf(values);
  return COLUMN_TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

function enumOf(values: Value | undefined): JsonSchema {
  const literals = literalsIn(values);
  return literals.length === 0 ? { type: 'string' } : anyOf(literals.map((literal) => ({ const: literal })));
}

function table(columns: Value | undefined, describe: Describe): Described {
  return required(objectSchema(describedShape(columns, describe).properties));
}

// https://orm.drizzle.team/docs/zod
export const drizzleZod: SchemaLibrary = {
  packages: /^drizzle-(?:zod|typebox|valibot|arktype|orm\/zod)$/,
  read(steps, describe) {
    const [make, ...rest] = steps;
    const [tableValue] = make?.args ?? [];
    if (make === undefined || !/^create(?:Select|Insert|Update)Schema$/.test(make.name)) return null;
    const columns = tableValue?.kind === 'external' ? stepsOf(tableValue)[0]?.args[1] : undefined;
    const { properties, required: insertable } = describedShape(columns, describe);
    const names =
      make.name === 'createSelectSchema' ? undefined : make.name === 'createInsertSchema' ? insertable : [];
    return refined(required(objectSchema(properties, names)), rest, describe);
  },
};
