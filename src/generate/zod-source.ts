import { EvtgenError } from '../ui/errors.ts';
import type { JsonSchema, JsonSchemaType } from '../scan/report.ts';
import { pascalCase, propertyKey, quote } from './names.ts';

/**
 * One JSON Schema as TypeScript. The type is written out rather than inferred, so that the code compiles under
 * `isolatedDeclarations`, with strict off, and with recursive schemas.
 */
export interface ZodSource {
  /** Expression of the validator. */
  readonly zod: string;
  /** Type of the parsed value. */
  readonly type: string;
}

export interface ZodModule extends ZodSource {
  /** The schemas under `definitions`, by the name of their type; see `schemaName` for the constants. */
  readonly definitions: readonly (ZodSource & { readonly name: string })[];
  /** Functions of `validators/zod` that the expressions call, sorted. */
  readonly helpers: readonly string[];
}

/** What the nodes of one conversion share. */
interface Conversion {
  readonly typeName: string;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  readonly helpers: Set<string>;
  readonly fail: (path: readonly string[], reason: string) => never;
}

/**
 * Rank in a union: exact literals are tried first, then what has a format; days after times, of which they take a part,
 * and text before numbers, which also take digits.
 */
interface Piece extends ZodSource {
  readonly rank: number;
}

const ANY: Piece = { zod: 'z.unknown()', type: 'unknown', rank: 9 };
const NULL: Piece = { zod: 'z.null()', type: 'null', rank: 0 };

/** `format` is an annotation in draft-07; the ones not named here stay one. */
const STRING_FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'z.iso.datetime({ offset: true })',
  email: 'z.email()',
  uri: 'z.url()',
  uuid: 'z.guid()',
};

/**
 * Converts the schema of one event's `data`. Keys that an object schema does not declare are stripped by the
 * validator unless the schema says `additionalProperties`.
 * @param typeName names the exported type; prefixes the types of `definitions`.
 * @param file how errors name the schema.
 * @throws EvtgenError `unsupported_schema` with the JSON path.
 */
export function zodModule(schema: JsonSchema, typeName: string, file: string): ZodModule {
  const conversion: Conversion = {
    typeName,
    definitions: schema.definitions ?? {},
    helpers: new Set(),
    fail: (path, reason) => {
      throw new EvtgenError('unsupported_schema', `${file}: ${['#', ...path].join('/')}: ${reason}`);
    },
  };
  const names = new Set<string>();
  const definitions = Object.entries(conversion.definitions).map(([key, definition]) => {
    const name = typeName + pascalCase(key);
    if (names.has(name))
      conversion.fail(['definitions', key], `its type would be named ${name} as another's is`);
    names.add(name);
    return { name, ...convert(definition, ['definitions', key], conversion) };
  });
  const { zod, type } = convert(schema, [], conversion);
  return { zod, type, definitions, helpers: [...conversion.helpers].sort() };
}

/** The constant that holds the validator of a type. */
export function schemaName(typeName: string): string {
  return typeName.charAt(0).toLowerCase() + typeName.slice(1);
}

function convert(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece {
  if (schema.$ref !== undefined) return reference(schema.$ref, path, conversion);
  if (schema.const !== undefined) return literals([schema.const]);
  if (schema.enum !== undefined) {
    return schema.enum.length === 0 ? conversion.fail(path, 'enum has no values') : literals(schema.enum);
  }
  if (schema.anyOf !== undefined) {
    return union(
      schema.anyOf.map((branch, index) => convert(branch, [...path, 'anyOf', String(index)], conversion)),
    );
  }
  const { type } = schema;
  if (type === undefined) {
    return schema.properties === undefined ? ANY : object(schema, path, conversion);
  }
  const types = typeof type === 'string' ? [type] : type;
  return union(types.map((one) => convertType(one, schema, path, conversion)));
}

function convertType(
  type: JsonSchemaType,
  schema: JsonSchema,
  path: readonly string[],
  conversion: Conversion,
): Piece {
  switch (type) {
    case 'string':
      return string(schema, path, conversion);
    case 'number':
      return number('z.number()', schema, conversion);
    case 'integer':
      return number('z.int()', schema, conversion);
    case 'boolean':
      return { zod: 'z.boolean()', type: 'boolean', rank: 1 };
    case 'null':
      return NULL;
    case 'array':
      return array(schema, path, conversion);
    case 'object':
      return object(schema, path, conversion);
    default:
      return conversion.fail(path, `unknown type ${JSON.stringify(type)}`);
  }
}

function reference(target: string, path: readonly string[], conversion: Conversion): Piece {
  const { typeName, definitions } = conversion;
  const key = /^#\/definitions\/([^/]+)$/.exec(target)?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
  if (target !== '#' && (key === undefined || !Object.hasOwn(definitions, key))) {
    return conversion.fail([...path, '$ref'], `${JSON.stringify(target)} does not exist`);
  }
  const type = key === undefined ? typeName : typeName + pascalCase(key);
  return { zod: `z.lazy(() => ${schemaName(type)})`, type, rank: 6 };
}

function literals(values: readonly (string | number | boolean | null)[]): Piece {
  const sources = values.map((value) => (typeof value === 'string' ? quote(value) : String(value)));
  const [first = ''] = sources;
  return {
    zod: sources.length === 1 ? `z.literal(${first})` : `z.literal([${sources.join(', ')}])`,
    type: sources.join(' | '),
    rank: 0,
  };
}

function string(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece {
  const { format } = schema;
  if (format === 'date') {
    conversion.helpers.add('day');
    return { zod: 'day()', type: 'string', rank: 2 };
  }
  const known = format === undefined ? undefined : STRING_FORMATS[format];
  const zod =
    (known ?? 'z.string()') +
    lengths(schema, conversion) +
    (schema.pattern === undefined ? '' : `.regex(${regExp(schema.pattern, path, conversion)})`);
  return { zod, type: 'string', rank: known === undefined ? 3 : 1 };
}

/** In characters, as JSON Schema and databases count; the rules of zod count an emoji twice. */
function lengths({ minLength = 0, maxLength }: JsonSchema, conversion: Conversion): string {
  if (minLength === 0 && maxLength === undefined) return '';
  conversion.helpers.add('characters');
  const parts = [
    ...(minLength === 0 ? [] : [`at least ${minLength}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength}`]),
  ];
  const rule = `characters(${minLength}, ${maxLength ?? 'Infinity'})`;
  return `.refine(${rule}, 'expected ${parts.join(' and ')} characters')`;
}

function regExp(pattern: string, path: readonly string[], conversion: Conversion): string {
  for (const flags of ['u', '']) {
    if (isRegExp(pattern, flags)) return `new RegExp(${quote(pattern)}, ${quote(flags)})`;
  }
  return conversion.fail([...path, 'pattern'], `${JSON.stringify(pattern)} is not a regular expression`);
}

function isRegExp(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

function number(base: string, schema: JsonSchema, conversion: Conversion): Piece {
  conversion.helpers.add('numeric');
  const rule = base + bound('min', schema.minimum) + bound('max', schema.maximum);
  return { zod: `numeric(${rule})`, type: 'number', rank: 4 };
}

function bound(method: 'min' | 'max', value: number | undefined): string {
  return value === undefined ? '' : `.${method}(${value})`;
}

function array(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece {
  const item = schema.items === undefined ? ANY : convert(schema.items, [...path, 'items'], conversion);
  const rule = bound('min', schema.minItems) + bound('max', schema.maxItems);
  return {
    zod: `z.array(${item.zod})${rule}`,
    type: /^\w+$/.test(item.type) ? `${item.type}[]` : `Array<${item.type}>`,
    rank: 5,
  };
}

function object(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece {
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required);
  for (const name of required) {
    if (schema.properties === undefined || !Object.hasOwn(schema.properties, name)) {
      conversion.fail([...path, 'required'], `${JSON.stringify(name)} is not among properties`);
    }
  }
  const rest = additional(schema, path, conversion);
  if (properties.length === 0) {
    return rest === undefined
      ? { zod: 'z.object({})', type: 'object', rank: 6 }
      : { zod: `z.record(z.string(), ${rest.zod})`, type: recordOf(rest), rank: 6 };
  }
  const zod: string[] = [];
  const type: string[] = [];
  for (const [name, property] of properties) {
    const key = propertyKey(name);
    const piece = convert(property, [...path, 'properties', name], conversion);
    const isOptional = !required.has(name);
    if (property.description !== undefined) type.push(jsDoc(property.description));
    zod.push(`${key}: ${piece.zod}${isOptional ? '.optional()' : ''},`);
    // `| undefined` lets callers pass it on under exactOptionalPropertyTypes.
    type.push(isOptional ? `${key}?: ${piece.type} | undefined;` : `${key}: ${piece.type};`);
  }
  // An index signature beside named properties would have to admit their types too.
  if (rest !== undefined) type.push('[key: string]: unknown;');
  const catchAll = rest === undefined ? '' : `.catchall(${rest.zod})`;
  return { zod: `z.object(${block(zod)})${catchAll}`, type: block(type), rank: 6 };
}

/** An alias may refer to itself in an object type, but not in the arguments of `Record`. */
function recordOf({ zod, type }: ZodSource): string {
  return zod.includes('z.lazy(') ? `{ [key: string]: ${type} }` : `Record<string, ${type}>`;
}

/** What undeclared keys must be; undefined when they are stripped. */
function additional(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece | undefined {
  const rule = schema.additionalProperties;
  if (rule === undefined || rule === false) return undefined;
  return rule === true ? ANY : convert(rule, [...path, 'additionalProperties'], conversion);
}

function union(pieces: readonly Piece[]): Piece {
  const distinct = [...new Map(pieces.map((piece) => [piece.zod, piece])).values()];
  const isNullable = distinct.includes(NULL);
  const rest = distinct.filter((piece) => piece !== NULL).toSorted((a, b) => a.rank - b.rank);
  const [first] = rest;
  if (first === undefined) return NULL;
  const joined = rest.length === 1 ? first.zod : `z.union([${rest.map((piece) => piece.zod).join(', ')}])`;
  const types = new Set([...rest, ...(isNullable ? [NULL] : [])].map((piece) => piece.type));
  return {
    zod: isNullable ? `${joined}.nullable()` : joined,
    type: [...types].join(' | '),
    rank: Math.max(...rest.map((piece) => piece.rank)),
  };
}

function block(lines: readonly string[]): string {
  return `{\n${lines.map((line) => line.replaceAll(/^(?=.)/gm, '  ')).join('\n')}\n}`;
}

function jsDoc(description: string): string {
  return `/** ${description.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ').trim()} */`;
}
