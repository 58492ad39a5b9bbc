import { EvtgenError } from '../ui/errors.ts';
import type { JsonSchema, JsonSchemaType } from '../scan/report.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const SAMPLE_STRINGS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05.000Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  duration: 'P1D',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '0190163d-8694-739b-aea5-966c26f8ad91',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/**
 * A small, plausible value that the schema accepts: the schema's own example or default where it has one,
 * otherwise every declared property. The same schema always gives the same sample.
 * @throws EvtgenError `no_sample` when a `pattern` has no example; evtgen does not invert regular expressions.
 */
export function sampleOf(schema: JsonSchema, file: string): Json {
  return sample(schema, { root: schema, file, open: [] });
}

interface Walk {
  readonly root: JsonSchema;
  readonly file: string;
  /** References being expanded, to stop at a cycle. */
  readonly open: readonly string[];
}

function sample(schema: JsonSchema, walk: Walk): Json {
  const given = schema.examples?.[0] ?? schema.default;
  if (given !== undefined) return given as Json;
  if (schema.$ref !== undefined) {
    return sample(resolve(schema.$ref, walk.root), { ...walk, open: [...walk.open, schema.$ref] });
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum?.[0] !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) {
    const branch = schema.anyOf.find((one) => one.type !== 'null' && !leadsBack(one, walk));
    return branch === undefined ? null : sample(branch, walk);
  }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const type = types.find((one) => one !== 'null') ?? types[0];
  return sampleOfType(type ?? (schema.properties === undefined ? 'string' : 'object'), schema, walk);
}

function sampleOfType(type: JsonSchemaType, schema: JsonSchema, walk: Walk): Json {
  switch (type) {
    case 'string':
      return sampleString(schema, walk);
    case 'integer':
      return Math.min(Math.max(1, Math.ceil(schema.minimum ?? 1)), Math.floor(schema.maximum ?? Infinity));
    case 'number':
      return Math.min(Math.max(1, schema.minimum ?? 1), schema.maximum ?? Infinity);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array': {
      const { items } = schema;
      if (items !== undefined && leadsBack(items, walk)) return [];
      const item = items === undefined ? 'item' : sample(items, walk);
      return Array.from(
        { length: Math.min(Math.max(1, schema.minItems ?? 1), schema.maxItems ?? 1) },
        () => item,
      );
    }
    case 'object': {
      const required = new Set(schema.required);
      const properties = Object.entries(schema.properties ?? {}).filter(
        ([name, property]) => required.has(name) || !leadsBack(property, walk),
      );
      return Object.fromEntries(properties.map(([name, property]) => [name, sample(property, walk)]));
    }
  }
}

function sampleString(schema: JsonSchema, walk: Walk): string {
  const known = schema.format === undefined ? undefined : SAMPLE_STRINGS[schema.format];
  const text = known ?? 'text'.padEnd(schema.minLength ?? 0, 't').slice(0, schema.maxLength ?? Infinity);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(text)) {
    throw new EvtgenError(
      'no_sample',
      `${walk.file}: no sample can be made up for the pattern ${JSON.stringify(schema.pattern)}`,
      { hint: 'add "examples": ["..."] beside the pattern' },
    );
  }
  return text;
}

function leadsBack(schema: JsonSchema, walk: Walk): boolean {
  return schema.$ref !== undefined && (schema.$ref === '#' || walk.open.includes(schema.$ref));
}

/** References are known to resolve: the catalog was loaded and converted before. */
function resolve(target: string, root: JsonSchema): JsonSchema {
  const key = target.replace('#/definitions/', '').replaceAll('~1', '/').replaceAll('~0', '~');
  return target === '#' ? root : (root.definitions?.[key] ?? {});
}
