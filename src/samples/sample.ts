import { singularWords } from '../scan/nouns.ts';
import type { JsonSchema, JsonSchemaType } from '../scan/report.ts';
import { wordsOf } from '../scan/words.ts';
import { EvtgenError } from '../ui/errors.ts';
import { drawAt, type Draw, type Place } from './draw.ts';
import { isOwnId, referencedResource, type Entity } from './identity.ts';
import { sampleNumber, sampleText, type ScalarPlace } from './scalars.ts';
import { booleanByName, isStillToCome } from './values-by-name.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface SampleOptions {
  /** How errors name the schema. */
  readonly file: string;
  readonly eventType: string;
  /** The same seed gives the same sample. */
  readonly seed?: number | undefined;
  /** Samples of one run are about the same resources; two runs share none. */
  readonly run?: number | undefined;
  /** Which sample of this type it is within the run: the resource itself is another one, all others stay. */
  readonly occurrence?: number | undefined;
  /** Milliseconds since the epoch at which the event is set. */
  readonly time?: number | undefined;
}

/** Fixed, so that the same seed gives the same bytes on every day. */
const SAMPLE_TIME = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * A plausible value that the schema accepts: the schema's own example or default where it has one, otherwise every
 * declared property, by its format and its name. Ids follow from what they identify: `id` of an order and `orderId`
 * of its payment are the same in one run.
 * @throws EvtgenError `no_sample` when a `pattern` has no example and no text can be found for it.
 */
export function sampleOf(schema: JsonSchema, options: SampleOptions): Json {
  const { file, eventType, seed = 0, run = 0, occurrence = 0, time = SAMPLE_TIME } = options;
  const [resource = '', ...actions] = eventType.split('.');
  const entity = { resource, ordinal: String(occurrence) };
  const walk: Walk = {
    root: schema,
    file,
    seed: ['sample', seed],
    run,
    time,
    action: actions.at(-1) ?? '',
    open: [],
    entities: [entity],
    branch: '0',
    isItem: false,
    path: [],
  };
  return sample(schema, walk);
}

/** Where in a value the walk is. */
interface Walk {
  readonly root: JsonSchema;
  readonly file: string;
  readonly seed: Place;
  readonly run: number;
  readonly time: number;
  readonly action: string;
  /** References being expanded, to stop at a cycle. */
  readonly open: readonly string[];
  /** The objects around, the innermost last. */
  readonly entities: readonly [Entity, ...Entity[]];
  /** Of the items of lists that lead here, `0` outside of lists. */
  readonly branch: string;
  readonly isItem: boolean;
  /** Within the innermost object. */
  readonly path: readonly string[];
}

function sample(schema: JsonSchema, walk: Walk): Json {
  const [given = schema.default] = schema.examples ?? [];
  if (given !== undefined) return given as Json;
  if (schema.$ref !== undefined) {
    return sample(resolve(schema.$ref, walk.root), { ...walk, open: [...walk.open, schema.$ref] });
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return sampleEnum(schema.enum, walk);
  if (isNullable(schema) && isStillToCome({ name: nameOf(walk), action: actionAt(walk) })) return null;
  if (schema.anyOf !== undefined) {
    const branch = schema.anyOf.find((one) => one.type !== 'null' && !leadsBack(one, walk));
    return branch === undefined ? null : sample(branch, walk);
  }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const type = types.find((one) => one !== 'null') ?? types[0];
  return sampleOfType(type ?? (schema.properties === undefined ? 'string' : 'object'), schema, walk);
}

const BEGINNING = /(?:^|_)(?:created|placed|opened|requested|registered|submitted|started|drafted)$/;

/** Where one of the values is what the event says has happened, that one. */
function sampleEnum(values: NonNullable<JsonSchema['enum']>, walk: Walk): Json {
  const action = actionAt(walk);
  const happened = values.find((value) => typeof value === 'string' && value.toLowerCase() === action);
  const [first = null, ...others] = values.filter((value) => value !== null);
  // States are listed in the order in which they come, as a rule.
  return happened ?? (BEGINNING.test(action) ? first : ownDraw(walk).pick([first, ...others]));
}

function sampleOfType(type: JsonSchemaType, schema: JsonSchema, walk: Walk): Json {
  switch (type) {
    case 'string': {
      const text = sampleText(schema, scalarPlace(walk));
      if (text !== undefined) return text;
      throw new EvtgenError(
        'no_sample',
        `${walk.file}: no sample can be made up for ${nameOf(walk) === '' ? 'the text' : `"${walk.path.at(-1)}"`} ` +
          `with the pattern ${JSON.stringify(schema.pattern)}`,
        { hint: 'add "examples": ["..."] beside the pattern' },
      );
    }
    case 'integer':
    case 'number':
      return sampleNumber(type, schema, scalarPlace(walk));
    case 'boolean':
      return booleanByName({ name: nameOf(walk) });
    case 'null':
      return null;
    case 'array':
      return sampleArray(schema, walk);
    case 'object':
      return sampleObject(schema, walk);
  }
}

function sampleArray({ items, minItems = 0, maxItems = Infinity }: JsonSchema, walk: Walk): Json {
  if (items !== undefined && leadsBack(items, walk)) return [];
  const length = Math.min(Math.max(ownDraw(walk).between(1, 2), minItems), maxItems);
  return Array.from({ length }, (_, index) => {
    const branch = walk.branch === '0' ? String(index) : `${walk.branch}.${index}`;
    return items === undefined ? `item ${index + 1}` : sample(items, { ...walk, branch, isItem: true });
  });
}

function sampleObject(schema: JsonSchema, walk: Walk): Json {
  const inner = walk.path.length === 0 ? walk : enter(walk);
  const required = new Set(schema.required);
  const properties = Object.entries(schema.properties ?? {}).filter(
    ([name, property]) => required.has(name) || !leadsBack(property, walk),
  );
  return Object.fromEntries(
    properties.map(([name, property]) => [name, sample(property, { ...inner, path: [name], isItem: false })]),
  );
}

/** An object in a property is a resource of that name, the same one wherever it comes up in the run. */
function enter(walk: Walk): Walk {
  const entity = { resource: singularWords(wordsOf(walk.path.at(-1) ?? '')), ordinal: walk.branch };
  return { ...walk, entities: [...walk.entities, entity] as [Entity, ...Entity[]], path: [] };
}

function scalarPlace(walk: Walk): ScalarPlace {
  const { seed, run, time } = walk;
  const entity = walk.entities.at(-1) ?? walk.entities[0];
  const words = wordsOf(walk.path.at(-1) ?? '');
  const name = nameOf(walk);
  const referenced = isOwnId(words) ? entity : referenceOf(name.split('_'), walk);
  return {
    property: {
      name,
      resource: entity.resource,
      action: actionAt(walk),
      time,
      object: () => drawAt([...seed, run, entity.resource, entity.ordinal]),
      own: ownDraw(walk),
    },
    words,
    identity: referenced === undefined ? undefined : { entity: referenced, seed, run },
  };
}

/** What a property points to: an object around it that is of this kind, else the one of that kind in this place. */
function referenceOf(words: readonly string[], { entities, branch }: Walk): Entity | undefined {
  const resource = referencedResource(words);
  if (resource === undefined) return undefined;
  return entities.findLast((entity) => entity.resource === resource) ?? { resource, ordinal: branch };
}

function ownDraw({ seed, run, entities, branch, path }: Walk): Draw {
  const { resource, ordinal } = entities.at(-1) ?? entities[0];
  return drawAt([...seed, run, resource, ordinal, branch, ...path]);
}

/** In lower snake case, and in the singular for the items of a list. */
function nameOf({ path, isItem }: Walk): string {
  const words = wordsOf(path.at(-1) ?? '');
  return isItem ? singularWords(words) : words.join('_');
}

/** What has happened to the innermost object: the event tells of one resource. */
function actionAt({ entities, action }: Walk): string {
  return entities.at(-1)?.resource === entities[0].resource ? action : '';
}

function isNullable({ type, anyOf, properties }: JsonSchema): boolean {
  if (anyOf !== undefined) return anyOf.some((one) => one.type === 'null');
  if (type === undefined) return properties === undefined;
  return Array.isArray(type) && type.includes('null');
}

function leadsBack(schema: JsonSchema, walk: Walk): boolean {
  return schema.$ref !== undefined && (schema.$ref === '#' || walk.open.includes(schema.$ref));
}

/** References are known to resolve: the catalog was loaded and converted before. */
function resolve(target: string, root: JsonSchema): JsonSchema {
  const key = target.replace('#/definitions/', '').replaceAll('~1', '/').replaceAll('~0', '~');
  return target === '#' ? root : (root.definitions?.[key] ?? {});
}
