import type { JsonSchema } from './report.ts';
import { hasProperties, isKnown, merge } from './schemas.ts';

/** Properties of an answer that say how it went, or go with the resource without being part of it. */
const WRAPPING =
  /^(?:(?:is_?)?(?:success|successful|succeeded|ok|error)|message|msg|status|statusCode|statusText|code|errors|timestamp|meta|metadata|warnings|links|_links)$/i;
/** What is sent beside `data`. */
const BESIDE_DATA =
  /^(?:policies|permissions|abilities|pagination|included|notice|requestId|version|path|token|count|total)$/i;
/** Objects made of nothing else say that it went well, not what happened. */
const ACKNOWLEDGEMENT =
  /^(?:(?:is_?)?(?:success|successful|succeeded|ok|error)|okay|message|msg|status|statusCode|statusText|code|result|done|deleted|removed|updated|created|saved|sent|received|errors|detail|details|acknowledged|(?:modified|matched|deleted|upserted|inserted|affected)_?(?:count|rows)?|upsertedId|affectedRows|rowsAffected|changedRows|raw|generatedMaps|count|redirect|redirectUrl|response|timestamp|info|title|type)$/i;
const IDENTIFIER = /^(?:_?id|uuid|guid|key|slug|hashid|\w*(?:Id|_id|ID|Uuid|_uuid))$/;

/** `{ article: … }`, `{ success: true, data: … }` and `{ data, policies }` are envelopes of HTTP; the event has its own. */
export function unwrapped(answer: JsonSchema): JsonSchema {
  const schema = withoutNull(answer);
  if (schema.properties === undefined) {
    // `Order | null`
    const options = schema.anyOf?.filter((option) => option.type !== 'null') ?? [];
    const [first] = options;
    return options.length === 1 && first !== undefined ? unwrapped(first) : schema;
  }
  // A message of HTTP as packages type it, such as `CreatedHttpResponse`.
  const { statusCode, headers, body } = schema.properties;
  const isMessage = statusCode !== undefined && headers !== undefined;
  if (isMessage && body !== undefined && Object.keys(schema.properties).length === 3) return unwrapped(body);
  const entries = Object.entries(schema.properties).filter(([name]) => !WRAPPING.test(name));
  const data = entries.find(([name]) => name === 'data');
  if (
    data !== undefined &&
    isObject(data[1]) &&
    entries.every(([name]) => name === 'data' || BESIDE_DATA.test(name))
  ) {
    return unwrapped(data[1]);
  }
  const [only] = entries;
  if (only === undefined) return schema;
  const [name, inner] = only;
  if (entries.length !== 1) return schema;
  if (isObject(inner)) return unwrapped(inner);
  const isList =
    inner.type === 'array' && hasProperties(inner) && /^(?:data|results?|items|payload)$/i.test(name);
  return isList ? inner : schema;
}

/** `{ data: Team | null }`: where nothing is found, nothing happens. */
function withoutNull(schema: JsonSchema): JsonSchema {
  return Array.isArray(schema.type) && isObject(schema) ? { ...schema, type: 'object' } : schema;
}

function isObject(schema: JsonSchema): boolean {
  if (schema.anyOf !== undefined) {
    const options = schema.anyOf.filter((option) => option.type !== 'null');
    return options.length > 0 && options.every(isObject);
  }
  const types = [schema.type].flat().filter((type) => type !== 'null');
  return types.length === 1 && types[0] === 'object' && hasProperties(schema);
}

/** Whether an answer says what happened, and not only that it went well. */
export function isTelling(schema: JsonSchema): boolean {
  if (!hasProperties(schema)) return false;
  if (schema.anyOf !== undefined) return schema.anyOf.some(isTelling);
  if (schema.items !== undefined) return isTelling(schema.items);
  const entries = Object.entries(schema.properties ?? {});
  if (entries.some(([name]) => /^errors?$/i.test(name)) && entries.length <= 3) return false;
  if (!entries.some(([, value]) => isKnown(value))) return false;
  // `{ data: {}, policies }` of which nothing is known but what goes with it.
  const isEnvelope = entries.every(
    ([name]) => name === 'data' || WRAPPING.test(name) || BESIDE_DATA.test(name),
  );
  if (isEnvelope && entries.some(([name, value]) => name === 'data' && !hasProperties(value))) return false;
  if (entries.every(([name, value]) => name === 'total' && !isObject(value))) return false;
  return !entries.every(([name, value]) => ACKNOWLEDGEMENT.test(name) && !isObject(value));
}

/** `{ id: 7 }`: which one it is, and nothing else. */
export function isIdentifier(schema: JsonSchema): boolean {
  const names = Object.keys(schema.properties ?? {});
  return names.length > 0 && names.every((name) => IDENTIFIER.test(name) || WRAPPING.test(name));
}

/** Whether an object says which one it is. */
export function isIdentified(schema: JsonSchema): boolean {
  return Object.keys(schema.properties ?? {}).some((name) => IDENTIFIER.test(name));
}

/** An answer, with the parameters of the path where it does not say which one it is about. */
export function identified(schema: JsonSchema, parameters: JsonSchema): JsonSchema {
  const properties = schema.properties ?? {};
  if (schema.type !== 'object' || !hasProperties(parameters)) return schema;
  const names = Object.keys(properties);
  const isNamed = names.some(
    (name) => IDENTIFIER.test(name) || Object.hasOwn(parameters.properties ?? {}, name),
  );
  return isNamed ? schema : merge([parameters, schema]);
}
