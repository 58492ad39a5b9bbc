import { EvtgenError } from '../ui/errors.ts';
import type { JsonSchema, JsonSchemaType } from '../scan/report.ts';
import { pascalCase, propertyKey, quote } from './names.ts';

/**
 * One JSON Schema as TypeScript. Types are written out rather than inferred, so that the code compiles under
 * `isolatedDeclarations`, with strict off, and with recursive schemas.
 */
export interface ZodSource {
  /** Expression of the validator. */
  readonly zod: string;
  /** Type of the parsed value. */
  readonly output: string;
  /** Type of what may be given: dates, decimals and bigints as database clients return them. */
  readonly input: string;
}

export interface ZodModule extends ZodSource {
  /** The schemas under `definitions`, by the name of their type; constants are that name with `Schema` appended. */
  readonly definitions: readonly (ZodSource & { readonly name: string })[];
  /** Helpers of `validators/zod` that the expressions call, sorted. */
  readonly helpers: readonly string[];
  /** Input types of `validators/zod` that the types mention, sorted. */
  readonly inputTypes: readonly string[];
}

/** What one conversion shares between its nodes. */
interface Conversion {
  readonly typeName: string;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  readonly fail: (path: readonly string[], reason: string) => never;
}

/** Rank in a union: exact literals are tried first, and text before numbers, which also take digits. */
interface Piece extends ZodSource {
  readonly rank: number;
}

const ANY: Piece = { zod: 'z.unknown()', output: 'unknown', input: 'unknown', rank: 9 };
const NULL: Piece = { zod: 'z.null()', output: 'null', input: 'null', rank: 0 };

const STRING_FORMATS: Readonly<Record<string, string>> = {
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
    fail: (path, reason) => {
      throw new EvtgenError('unsupported_schema', `${file}: ${['#', ...path].join('/')}: ${reason}`);
    },
  };
  const definitions = Object.entries(conversion.definitions).map(([name, definition]) => ({
    name: typeName + pascalCase(name),
    ...convert(definition, ['definitions', name], conversion),
  }));
  const main = convert(schema, [], conversion);
  const pieces = [...definitions, main];
  return {
    zod: main.zod,
    output: main.output,
    input: main.input,
    definitions,
    helpers: used(['date', 'dateTime', 'numeric', 'text'], pieces, (piece) => piece.zod, '\\('),
    inputTypes: used(['DateInput', 'NumberInput', 'TextInput'], pieces, (piece) => piece.input, '\\b'),
  };
}

/** Looks at code only: string literals may hold the same words. */
function used(
  names: readonly string[],
  pieces: readonly ZodSource[],
  part: (piece: ZodSource) => string,
  end: string,
): string[] {
  const code = pieces
    .map(part)
    .join('\n')
    .replaceAll(/'(?:[^'\\]|\\.)*'|\/\*\*.*?\*\//gs, "''");
  return names.filter((name) => new RegExp(`(?<![\\w.])${name}${end}`).test(code));
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
      return number('z.number()', schema);
    case 'integer':
      return number('z.int()', schema);
    case 'boolean':
      return { zod: 'z.boolean()', output: 'boolean', input: 'boolean', rank: 1 };
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
  if (target === '#') {
    const name = conversion.typeName;
    return { zod: `z.lazy(() => ${schemaName(name)})`, output: name, input: `${name}Input`, rank: 5 };
  }
  const key = /^#\/definitions\/([^/]+)$/.exec(target)?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
  if (key === undefined || !Object.hasOwn(conversion.definitions, key)) {
    return conversion.fail([...path, '$ref'], `${JSON.stringify(target)} does not exist`);
  }
  const name = conversion.typeName + pascalCase(key);
  return { zod: `z.lazy(() => ${schemaName(name)})`, output: name, input: `${name}Input`, rank: 5 };
}

/** The constant that holds the validator of a type. */
export function schemaName(typeName: string): string {
  return typeName.charAt(0).toLowerCase() + typeName.slice(1);
}

function literals(values: readonly (string | number | boolean | null)[]): Piece {
  const sources = values.map((value) => (typeof value === 'string' ? quote(value) : String(value)));
  const [first = ''] = sources;
  const type = sources.join(' | ');
  return {
    zod: sources.length === 1 ? `z.literal(${first})` : `z.literal([${sources.join(', ')}])`,
    output: type,
    input: type,
    rank: 0,
  };
}

function string(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece {
  const { format } = schema;
  if (format === 'date-time') return { zod: 'dateTime()', output: 'string', input: 'DateInput', rank: 1 };
  if (format === 'date') return { zod: 'date()', output: 'string', input: 'DateInput', rank: 1 };
  // `format` is an annotation in draft-07; those without a strict check here stay one.
  const base = (format === undefined ? undefined : STRING_FORMATS[format]) ?? 'z.string()';
  const rule =
    base +
    bound('min', schema.minLength) +
    bound('max', schema.maxLength) +
    (schema.pattern === undefined ? '' : `.regex(${regExp(schema.pattern, path, conversion)})`);
  return { zod: `text(${rule})`, output: 'string', input: 'TextInput', rank: 2 };
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

function number(base: string, schema: JsonSchema): Piece {
  const rule = base + bound('min', schema.minimum) + bound('max', schema.maximum);
  return { zod: `numeric(${rule})`, output: 'number', input: 'NumberInput', rank: 3 };
}

function bound(method: 'min' | 'max', value: number | undefined): string {
  return value === undefined ? '' : `.${method}(${value})`;
}

function array(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece {
  const item = schema.items === undefined ? ANY : convert(schema.items, [...path, 'items'], conversion);
  const rule = bound('min', schema.minItems) + bound('max', schema.maxItems);
  return {
    zod: `z.array(${item.zod})${rule}`,
    output: /^\w+$/.test(item.output) ? `${item.output}[]` : `Array<${item.output}>`,
    input: /^\w+$/.test(item.input) ? `readonly ${item.input}[]` : `ReadonlyArray<${item.input}>`,
    rank: 4,
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
    if (rest === undefined) return { zod: 'z.object({})', output: 'object', input: 'object', rank: 5 };
    return {
      zod: `z.record(z.string(), ${rest.zod})`,
      output: `Record<string, ${rest.output}>`,
      input: `Readonly<Record<string, ${rest.input}>>`,
      rank: 5,
    };
  }
  const lines = { zod: [] as string[], output: [] as string[], input: [] as string[] };
  for (const [name, property] of properties) {
    const key = propertyKey(name);
    const piece = convert(property, [...path, 'properties', name], conversion);
    const comment = property.description === undefined ? [] : [jsDoc(property.description)];
    const isOptional = !required.has(name);
    lines.zod.push(`${key}: ${piece.zod}${isOptional ? '.optional()' : ''},`);
    lines.output.push(...comment, member(key, piece.output, isOptional));
    lines.input.push(...comment, member(key, piece.input, isOptional));
  }
  // An index signature beside named properties would have to admit their types too.
  if (rest !== undefined) {
    lines.output.push('[key: string]: unknown;');
    lines.input.push('[key: string]: unknown;');
  }
  const catchAll = rest === undefined ? '' : `.catchall(${rest.zod})`;
  return {
    zod: `z.object(${block(lines.zod)})${catchAll}`,
    output: block(lines.output),
    input: block(lines.input),
    rank: 5,
  };
}

function member(key: string, type: string, isOptional: boolean): string {
  // `| undefined` lets callers pass it on under exactOptionalPropertyTypes.
  return isOptional ? `${key}?: ${type} | undefined;` : `${key}: ${type};`;
}

/** What undeclared keys must be; undefined when they are stripped. */
function additional(schema: JsonSchema, path: readonly string[], conversion: Conversion): Piece | undefined {
  const rule = schema.additionalProperties;
  if (rule === undefined || rule === false) return undefined;
  return rule === true ? ANY : convert(rule, [...path, 'additionalProperties'], conversion);
}

function union(pieces: readonly Piece[]): Piece {
  const distinct = [...new Map(pieces.map((piece) => [piece.zod, piece])).values()];
  const nullable = distinct.some((piece) => piece === NULL);
  const rest = distinct.filter((piece) => piece !== NULL).toSorted((a, b) => a.rank - b.rank);
  const [first] = rest;
  if (first === undefined) return NULL;
  const types = [...rest, ...(nullable ? [NULL] : [])];
  const joined = rest.length === 1 ? first.zod : `z.union([${rest.map((piece) => piece.zod).join(', ')}])`;
  return {
    zod: nullable ? `${joined}.nullable()` : joined,
    output: unionType(types.map((piece) => piece.output)),
    input: unionType(types.map((piece) => piece.input)),
    rank: Math.max(...rest.map((piece) => piece.rank)),
  };
}

function unionType(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function block(lines: readonly string[]): string {
  return `{\n${lines.map(indent).join('\n')}\n}`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

function jsDoc(description: string): string {
  return `/** ${description.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ').trim()} */`;
}
