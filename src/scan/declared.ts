import type { Declarations } from './route-graph.ts';
import type { JsonSchema } from './report.ts';
import { ANYTHING, hasProperties } from './schemas.ts';
import type { SchemaReader } from './value-schemas/index.ts';
import type { Value } from './values.ts';

/** What a registration says that its handler sends on success: the schema of the lowest 2xx status that has one. */
export function declaredResponse(declares: Declarations | undefined, reader: SchemaReader): JsonSchema {
  const responses = declares?.responses;
  if (responses === undefined) return ANYTHING;
  if (responses.kind === 'object') {
    const successes = [...responses.properties]
      .filter(([status]) => /^(?:2(?:\d\d|xx)|.*\b(?:OK|CREATED|ACCEPTED)|default)$/i.test(status))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, value] of successes) {
      const schema = reader.schemaOf(contentOf(value));
      if (hasProperties(schema)) return schema;
    }
    if (
      successes.length > 0 ||
      [...responses.properties.keys()].some((name) => /^[1-5](?:\d\d|xx)$/i.test(name))
    ) {
      return ANYTHING;
    }
  }
  return reader.schemaOf(responses);
}

export function declaredBody(declares: Declarations | undefined, reader: SchemaReader): JsonSchema {
  return declares?.body === undefined ? ANYTHING : reader.schemaOf(contentOf(declares.body));
}

/** OpenAPI puts the schema below the media type: `{ content: { 'application/json': { schema } } }`. */
function contentOf(value: Value): Value {
  if (value.kind !== 'object') return value;
  const content = value.properties.get('content');
  if (content?.kind === 'object') {
    const [first] = content.properties.values();
    return content.properties.get('application/json') === undefined
      ? schemaBelow(first ?? value)
      : schemaBelow(content.properties.get('application/json') ?? value);
  }
  return value.properties.has('properties') ? value : schemaBelow(value);
}

function schemaBelow(value: Value): Value {
  return (value.kind === 'object' ? value.properties.get('schema') : undefined) ?? value;
}
