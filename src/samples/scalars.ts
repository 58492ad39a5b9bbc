import type { JsonSchema } from '../scan/report.ts';
import type { Place } from './draw.ts';
import { identityNumber, identityTexts, uuidOf, type Entity } from './identity.ts';
import { patternText } from './pattern-text.ts';
import { numbersByName, textsByName, timeOf, type NamedProperty } from './values-by-name.ts';

/** Where a text or number stands. */
export interface ScalarPlace {
  readonly property: NamedProperty;
  /** Of its name, as the schema has it. */
  readonly words: readonly string[];
  /** What it identifies, if it does. */
  readonly identity: { readonly entity: Entity; readonly seed: Place; readonly run: number } | undefined;
}

/** Undefined when there is a `pattern` for which none is found. */
export function sampleText(schema: JsonSchema, place: ScalarPlace): string | undefined {
  const formatted = textOfFormat(schema.format, place);
  const candidates = [
    ...(formatted === undefined ? [] : [formatted]),
    ...(place.identity === undefined || formatted !== undefined
      ? []
      : identityTexts(place.identity.entity, place.identity.seed, place.identity.run)),
    ...textsByName(place.property),
    plainText(place),
  ];
  const accepts = (text: string): boolean => isText(text, schema);
  const fitting = candidates.find(accepts);
  if (fitting !== undefined) return fitting;
  if (schema.pattern !== undefined) return patternText(schema.pattern, place.property.own, accepts);
  const { minLength = 0, maxLength = Infinity } = schema;
  return (candidates[0] ?? '').padEnd(minLength, 'x').slice(0, maxLength);
}

function textOfFormat(format: string | undefined, { property, identity }: ScalarPlace): string | undefined {
  switch (format) {
    case 'date-time':
      return new Date(timeOf(property)).toISOString();
    case 'date':
      return new Date(timeOf(property)).toISOString().slice(0, 10);
    case 'time':
      return new Date(timeOf(property)).toISOString().slice(11);
    case 'duration':
      return `P${property.own.between(1, 14)}D`;
    case 'email':
      return textsByName({ ...property, name: 'email' })[0];
    case 'uri':
    case 'url':
    case 'uri-reference':
    case 'iri':
      return textsByName({ ...property, name: `${property.name.replace(/_?ur[il]$/, '')}_url` })[0];
    case 'uuid':
      return identity === undefined
        ? uuidOf(property.own.hex(64))
        : identityTexts(identity.entity, identity.seed, identity.run)[1];
    case 'hostname':
      return 'shop.example.com';
    case 'ipv4':
      return `192.0.2.${property.own.between(1, 254)}`;
    case 'ipv6':
      return `2001:db8::${property.own.between(1, 9_999)}`;
    default:
      return undefined;
  }
}

/** Nothing is known of it but its name. */
function plainText({ words, property }: ScalarPlace): string {
  return `${words.length === 0 ? 'text' : words.join(' ')} ${property.own.between(1, 99)}`;
}

/** Lengths are counted as validators do, in UTF-16 units. */
function isText(text: string, { minLength = 0, maxLength = Infinity, pattern }: JsonSchema): boolean {
  if (text.length < minLength || text.length > maxLength) return false;
  return pattern === undefined || new RegExp(pattern, 'u').test(text);
}

export function sampleNumber(
  type: 'integer' | 'number',
  { minimum = -Infinity, maximum = Infinity }: JsonSchema,
  { property, identity }: ScalarPlace,
): number {
  const candidates = [
    ...(identity === undefined ? [] : [identityNumber(identity.entity, identity.seed, identity.run)]),
    ...numbersByName(property),
    property.own.between(1, 100),
  ];
  const fitting = candidates.find(
    (number) => number >= minimum && number <= maximum && (type === 'number' || Number.isInteger(number)),
  );
  if (fitting !== undefined) return fitting;
  const least = type === 'integer' ? Math.ceil(minimum) : minimum;
  const most = type === 'integer' ? Math.floor(maximum) : maximum;
  if (!Number.isFinite(least)) return most;
  if (!Number.isFinite(most)) return least;
  return Number.isInteger(least) && most - least >= 1
    ? least + property.own.between(0, Math.floor(most - least))
    : least;
}
