import { loadCatalogIfPresent, type LoadedCatalog } from '../catalog/load.ts';
import { schemaFile } from '../catalog/paths.ts';
import { EVENT_TYPE_PATTERN } from '../catalog/schema.ts';
import { sampleEvent, type SampledType, type SampleEvent } from '../samples/sample-event.ts';
import type { SampleOptions } from '../samples/sample.ts';
import { validatorFor } from '../generate/validator.ts';
import type { EventDefinition, EventRegistry, SchemaLike } from '../kernel/registry.ts';
import type { JsonSchema } from '../scan/report.ts';
import { EvtgenError } from '../ui/errors.ts';

/** Where there is no catalog, or nothing in it that webhooks are sent for. */
const EXAMPLE = 'order.created';

/** The event types that `serve` knows. */
export interface LocalRegistry {
  readonly definitions: EventRegistry;
  /** Sorted; null without a catalog, when any well-formed type goes. */
  readonly eventTypes: readonly string[] | null;
  /** One that can be tried first. */
  readonly example: string;
  /** Without a catalog, makes a well-formed type known; false for any other that is not. */
  admit(eventType: string): boolean;
  /** What it is made of; undefined for a type that is not known. */
  typeOf(eventType: string): SampledType | undefined;
  /** A plausible event; undefined for a type that is not known. @throws EvtgenError `no_sample` */
  sample(eventType: string, options?: Omit<SampleOptions, 'file' | 'eventType'>): SampleEvent | undefined;
}

/** What data is like where no schema says it. */
const ANY_OBJECT: JsonSchema = { type: 'object', properties: { id: { type: 'string' } } };

/** Takes data as it is. */
const anything: SchemaLike = { safeParse: (data) => ({ success: true, data }) };

/**
 * The catalog of the project, with the validators that `generate` writes.
 * @throws EvtgenError when the catalog is broken.
 */
export async function loadRegistry(root: string): Promise<LocalRegistry> {
  const loaded = loadCatalogIfPresent(root);
  if (loaded === null) return openRegistry();
  const definitions: Record<string, EventDefinition> = {};
  const types = new Map<string, SampledType>();
  for (const [eventType, { version, audience, subject }] of Object.entries(loaded.catalog.eventTypes)) {
    const schema = loaded.schemas.get(`${eventType}.v${version}`);
    const file = schemaFile(eventType, version);
    const validator = schema === undefined ? anything : validatorFor(schema, file);
    definitions[eventType] = { eventType, version, audience, schema: validator };
    types.set(eventType, { eventType, schema: schema ?? ANY_OBJECT, file, subject });
  }
  return {
    definitions,
    eventTypes: Object.keys(definitions).toSorted(),
    example: exampleOf(loaded) ?? EXAMPLE,
    admit: (eventType) => types.has(eventType),
    ...samplesOf((eventType) => types.get(eventType)),
  };
}

function samplesOf(typeOf: LocalRegistry['typeOf']): Pick<LocalRegistry, 'typeOf' | 'sample'> {
  return {
    typeOf,
    sample(eventType, options) {
      const type = typeOf(eventType);
      return type === undefined ? undefined : sampleEvent(type, options);
    },
  };
}

/** Something that was made, rather: what happens to it comes later. */
function exampleOf({ catalog, schemas }: LoadedCatalog): string | undefined {
  const types = Object.keys(catalog.eventTypes);
  const isCreated = (type: string): boolean => type.endsWith('.created');
  return [...types.filter(isCreated), ...types].find((type) => {
    const { version, audience } = catalog.eventTypes[type] ?? {};
    const schema = schemas.get(`${type}.v${version}`);
    return audience === 'public' && schema !== undefined && hasSample(type, schema);
  });
}

/** A schema whose pattern has no example is fine; it just gives no sample. */
function hasSample(eventType: string, schema: JsonSchema): boolean {
  try {
    sampleEvent({ eventType, schema, file: eventType });
    return true;
  } catch (error) {
    if (error instanceof EvtgenError) return false;
    throw error;
  }
}

function openRegistry(): LocalRegistry {
  const definitions: Record<string, EventDefinition> = {};
  return {
    definitions,
    eventTypes: null,
    example: EXAMPLE,
    admit(eventType) {
      if (!EVENT_TYPE_PATTERN.test(eventType)) return false;
      definitions[eventType] ??= { eventType, version: 1, audience: 'public', schema: anything };
      return true;
    },
    ...samplesOf((eventType) =>
      EVENT_TYPE_PATTERN.test(eventType)
        ? { eventType, schema: ANY_OBJECT, file: schemaFile(eventType, 1) }
        : undefined,
    ),
  };
}
