import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { ANYTHING, isKnown, objectSchema, propertyOf } from './schemas.ts';
import { parseSqlWrite, type SqlWrite } from './sql.ts';
import { singular, wordsOf } from './words.ts';

/** Tables and models of the project, by `entityKey`. */
export type Entities = ReadonlyMap<string, JsonSchema>;

const AROUND_NAMES = new Set([
  'model',
  'models',
  'entity',
  'schema',
  'table',
  'repository',
  'repo',
  'dao',
  'collection',
  'document',
]);

/** Names of tables, models and what holds them that mean the same: `Order`, `orders`, `orderRepository`. */
export function entityKey(name: string): string {
  const words = wordsOf(name);
  const kept = words.filter((word, index) => index === 0 || !AROUND_NAMES.has(word));
  const last = kept.at(-1) ?? '';
  return [...kept.slice(0, -1), singular(last)].join('');
}

export function entityNamed(entities: Entities, name: string): JsonSchema | undefined {
  return entities.get(entityKey(name));
}

/** The row that a writing statement returns, or else the columns that it writes. */
export function rowOfSql(argument: ts.Expression | undefined, entities: Entities): JsonSchema | null {
  const write = sqlWriteOf(argument);
  if (write === null || (write.verb === 'delete' && write.returning === null)) return null;
  const table = entityNamed(entities, write.table);
  const names = write.returning ?? write.columns;
  if (names.includes('*')) {
    return table ?? objectSchema(columns(write.columns, undefined), [], true);
  }
  return names.length === 0 ? null : objectSchema(columns(names, table));
}

/** `client.query<OrderRow>('insert …')`: rows by their type, else by the columns of the SQL. */
export function queryResult(
  call: ts.CallExpression,
  typed: JsonSchema | null,
  entities: Entities,
): JsonSchema | null {
  const { expression } = call;
  if (!ts.isPropertyAccessExpression(expression)) return null;
  const row = typed ?? rowOfSql(call.arguments[0], entities);
  if (row === null || !isKnown(row)) return null;
  const name = expression.name.text;
  if (name === 'query' || name === 'execute') {
    return objectSchema({ rows: { type: 'array', items: row }, rowCount: { type: 'number' } });
  }
  if (/^(?:one|oneOrNone|queryOne|first|get|\$queryRaw|\$queryRawUnsafe)$/.test(name)) return row;
  return /^(?:any|many|manyOrNone|all)$/.test(name) ? { type: 'array', items: row } : null;
}

/** The writing statement that an argument of a query spells out. */
export function sqlWriteOf(argument: ts.Expression | undefined): SqlWrite | null {
  const text = argument === undefined ? null : sqlText(argument);
  return text === null ? null : parseSqlWrite(text);
}

function columns(names: readonly string[], table: JsonSchema | undefined): Record<string, JsonSchema> {
  return Object.fromEntries(
    names.map((name) => [name, table === undefined ? ANYTHING : propertyOf(table, name)]),
  );
}

function sqlText(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map((span) => `$0${span.literal.text}`).join('');
  }
  if (ts.isObjectLiteralExpression(node)) {
    const text = node.properties.find((property) => property.name?.getText() === 'text');
    return text !== undefined && ts.isPropertyAssignment(text) ? sqlText(text.initializer) : null;
  }
  return null;
}

/** Prisma's `select` and `include`. */
export function selected(entity: JsonSchema, options: ts.Expression | undefined): JsonSchema {
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return entity;
  const option = (name: string): ts.ObjectLiteralExpression | null => {
    const property = options.properties.find((candidate) => candidate.name?.getText() === name);
    if (property === undefined || !ts.isPropertyAssignment(property)) return null;
    return ts.isObjectLiteralExpression(property.initializer) ? property.initializer : null;
  };
  const select = option('select');
  if (select === null) return entity;
  const names = select.properties.map((property) => property.name?.getText() ?? '');
  return objectSchema(columns(names, entity));
}
