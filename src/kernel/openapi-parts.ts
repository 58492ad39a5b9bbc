import type { JsonSchema, Parameter } from './openapi.ts';

export const text: JsonSchema = { type: 'string' };
export const time: JsonSchema = { type: 'string', format: 'date-time' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };

/** An object; all of it is required but what `optional` names. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(properties).filter((name) => optional.includes(name) === false);
  return { type: 'object', ...(required.length === 0 ? {} : { required }), properties };
}

/** Unknown members are refused. */
export function request(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  const optional = Object.keys(properties).filter((name) => required.includes(name) === false);
  return { ...object(properties, optional), additionalProperties: false };
}

export function orNull({ type, ...schema }: JsonSchema): JsonSchema {
  return { ...schema, type: [type, 'null'] };
}

export function pageOf(schema: string): JsonSchema {
  return object({
    data: { type: 'array', items: refTo(schema) },
    nextCursor: { ...orNull(text), description: 'The cursor of the next page; null on the last one.' },
  });
}

export function refTo(schema: string): JsonSchema {
  return { $ref: `#/components/schemas/${schema}` };
}

/** `?limit=` and `?cursor=`, as `readPage` reads them. */
export const PAGE_PARAMETERS: readonly Parameter[] = [
  {
    name: 'limit',
    in: 'query',
    description: 'Items on a page.',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
  },
  {
    name: 'cursor',
    in: 'query',
    description: 'The nextCursor of the page before.',
    schema: { type: 'string' },
  },
];

/** The component `Attempt`: one HTTP try of a delivery. */
export const ATTEMPT: JsonSchema = object(
  {
    at: time,
    durationMs: count,
    status: { type: 'integer' },
    body: { ...text, description: 'The beginning of the response.' },
    failure: { ...text, description: 'Why there was no response, e.g. timeout.' },
    error: text,
  },
  ['status', 'body', 'failure', 'error'],
);

/** The component `OpenApiDocument`. */
export const OPEN_API_DOCUMENT: JsonSchema = {
  ...object({ openapi: text, info: { type: 'object' }, paths: { type: 'object' } }),
  additionalProperties: true,
};
