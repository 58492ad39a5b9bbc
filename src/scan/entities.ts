import type { Project } from './project.ts';
import type { JsonSchema, JsonSchemaType } from './report.ts';
import { objectSchema } from './schemas.ts';
import { entityKey, type Entities } from './rows.ts';
import { readModels } from './models/index.ts';

/** Rows of the tables and models that the project defines: in SQL and Prisma files, or in its sources. */
export function readEntities(project: Project): Entities {
  const entities = new Map<string, JsonSchema>();
  const add = (found: ReadonlyMap<string, JsonSchema>): void => {
    for (const [name, schema] of found) entities.set(entityKey(name), schema);
  };
  const files = (isPrisma: boolean): readonly string[] =>
    project.schemaFiles.filter((file) => file.endsWith('.prisma') === isPrisma);
  for (const file of files(false)) add(sqlTables(project.text(file)));
  add(readModels(project));
  for (const file of files(true)) add(prismaModels(project.text(file)));
  return entities;
}

// https://www.prisma.io/docs/orm/reference/prisma-schema-reference#model-field-scalar-types
const PRISMA_TYPES: Readonly<Record<string, JsonSchema>> = {
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Int: { type: 'integer' },
  BigInt: { type: 'integer' },
  Float: { type: 'number' },
  Decimal: { type: 'string' },
  DateTime: { type: 'string', format: 'date-time' },
  Json: {},
  Bytes: { type: 'string' },
};

/** Scalar and enum fields of the models; relations are loaded only where a query asks for them. */
function prismaModels(text: string): Map<string, JsonSchema> {
  const plain = text.replaceAll(/\/\/[^\n]*/g, '');
  const enums = new Map<string, readonly string[]>();
  for (const [, name = '', body = ''] of plain.matchAll(/^\s*enum\s+(\w+)\s*\{([^}]*)\}/gm)) {
    enums.set(
      name,
      body.split(/\s+/).filter((value) => /^\w+$/.test(value)),
    );
  }
  const models = new Map<string, JsonSchema>();
  for (const [, name = '', body = ''] of plain.matchAll(/^\s*model\s+(\w+)\s*\{([^}]*)\}/gm)) {
    const properties: Record<string, JsonSchema> = {};
    for (const line of body.split('\n')) {
      const [, field = '', type = '', suffix = ''] = /^\s*(\w+)\s+(\w+)(\[\]|\?)?/.exec(line) ?? [];
      const values = enums.get(type);
      const scalar = Object.hasOwn(PRISMA_TYPES, type) ? PRISMA_TYPES[type] : undefined;
      const schema: JsonSchema | undefined = values === undefined ? scalar : { type: 'string', enum: values };
      if (field === '' || schema === undefined) continue;
      properties[field] =
        suffix === '[]' ? { type: 'array', items: schema } : nullable(schema, suffix === '?');
    }
    models.set(name, objectSchema(properties));
  }
  return models;
}

const SQL_TYPES: readonly (readonly [RegExp, JsonSchema])[] = [
  [/^(?:small|big)?(?:int|integer|serial)\d?\b|^int[248]\b/, { type: 'integer' }],
  [/^(?:numeric|decimal|real|double|float|money)/, { type: 'number' }],
  [/^bool/, { type: 'boolean' }],
  [/^(?:timestamp|timestamptz|datetime)/, { type: 'string', format: 'date-time' }],
  [/^date\b/, { type: 'string', format: 'date' }],
  [/^uuid/, { type: 'string', format: 'uuid' }],
  [/^(?:text|char|varchar|character|citext|bytea|inet|interval|time)/, { type: 'string' }],
];

/** Columns of `create table` and `alter table … add column`. */
function sqlTables(text: string): Map<string, JsonSchema> {
  const sql = text.replaceAll(/--[^\n]*/g, '').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const enums = new Map<string, readonly string[]>();
  for (const [, name = '', values = ''] of sql.matchAll(
    /create\s+type\s+([\w."]+)\s+as\s+enum\s*\(([^)]*)\)/gi,
  )) {
    enums.set(
      tableName(name),
      [...values.matchAll(/'([^']*)'/g)].map(([, value = '']) => value),
    );
  }
  const tables = new Map<string, Record<string, JsonSchema>>();
  for (const match of sql.matchAll(/create\s+table\s+(?:if\s+not\s+exists\s+)?([\w."]+)\s*\(/gi)) {
    const properties: Record<string, JsonSchema> = {};
    for (const definition of definitionsFrom(sql, match.index + match[0].length)) {
      const column = columnOf(definition, enums);
      if (column !== null) properties[column[0]] = column[1];
    }
    tables.set(tableName(match[1] ?? ''), properties);
  }
  const added =
    /alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?([\w."]+)\s+add\s+column\s+(?:if\s+not\s+exists\s+)?([^;,]+)/gi;
  for (const [, name = '', definition = ''] of sql.matchAll(added)) {
    const column = columnOf(definition, enums);
    const table = tables.get(tableName(name));
    if (column !== null && table !== undefined) table[column[0]] = column[1];
  }
  return new Map([...tables].map(([name, properties]) => [name, objectSchema(properties)]));
}

/** The comma-separated items up to the closing parenthesis. */
function definitionsFrom(sql: string, start: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let item = '';
  for (const character of sql.slice(start)) {
    if (character === ')' && depth === 0) break;
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) {
      found.push(item.trim());
      item = '';
    } else {
      item += character;
    }
  }
  return [...found, item.trim()];
}

function columnOf(
  definition: string,
  enums: ReadonlyMap<string, readonly string[]>,
): [string, JsonSchema] | null {
  const [, quoted = '', rest = ''] = /^("?[\w$]+"?)\s+(\S[\s\S]*)$/.exec(definition) ?? [];
  if (quoted === '' || /^(?:primary|foreign|unique|constraint|check|exclude|like|index|key)$/i.test(quoted))
    return null;
  const type = rest.toLowerCase();
  const values = enums.get(tableName(/^[\w."]+/.exec(type)?.[0] ?? '')) ?? checkedValues(rest);
  const known = SQL_TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? {};
  const single: JsonSchema = values === null ? known : { type: 'string', enum: values };
  const schema: JsonSchema = /^[\w ]+(?:\([^)]*\))?\[\]/.test(type)
    ? { type: 'array', items: single }
    : single;
  const isRequired = /\bnot\s+null\b|\bprimary\s+key\b|^\w*serial\b/.test(type);
  return [quoted.replaceAll('"', ''), nullable(schema, !isRequired)];
}

/** `check (status in ('pending', 'paid'))` */
function checkedValues(definition: string): readonly string[] | null {
  const list = /\bcheck\s*\(\s*"?\w+"?\s+in\s*\(([^)]*)\)/i.exec(definition)?.[1];
  if (list === undefined) return null;
  const values = [...list.matchAll(/'([^']*)'/g)].map(([, value = '']) => value);
  return values.length === 0 ? null : values;
}

function tableName(name: string): string {
  return (name.split('.').at(-1) ?? name).replaceAll('"', '').toLowerCase();
}

function nullable(schema: JsonSchema, isNullable: boolean): JsonSchema {
  if (!isNullable || typeof schema.type !== 'string') return schema;
  if (schema.enum !== undefined) return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [schema.type as JsonSchemaType, 'null'] };
}
