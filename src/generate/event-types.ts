import type { LoadedCatalog } from '../catalog/load.ts';
import { CATALOG_FILE, schemaFile } from '../catalog/paths.ts';
import type { EventTypeEntry } from '../catalog/schema.ts';
import type { JsonSchema } from '../scan/report.ts';
import { EvtgenError } from '../ui/errors.ts';

/** One version of an event type that has a schema file. */
export interface EmittedVersion {
  readonly version: number;
  /** How errors name the schema's file. */
  readonly file: string;
  readonly schema: JsonSchema;
}

/** An event type of the catalog with the newest version of its schema. */
export interface EmittedEventType extends Omit<EventTypeEntry, 'version'>, EmittedVersion {
  readonly eventType: string;
  /** The versions before it that have a file, ascending. */
  readonly older: readonly EmittedVersion[];
}

/**
 * The event types of a catalog, sorted by name.
 * @throws EvtgenError `missing_schema` when `deprecated` or `publishVersions` name a version without a file
 */
export function emittedEventTypes({ catalog, schemas }: LoadedCatalog): EmittedEventType[] {
  return Object.entries(catalog.eventTypes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([eventType, entry]): EmittedEventType => {
      const versions = Array.from({ length: entry.version }, (_, index) => index + 1).flatMap((version) => {
        const schema = schemas.get(`${eventType}.v${version}`);
        return schema === undefined ? [] : [{ version, schema, file: schemaFile(eventType, version) }];
      });
      checkVersions(eventType, entry, versions);
      const newest = { schema: schemas.get(`${eventType}.v${entry.version}`) ?? {} };
      const older = versions.filter(({ version }) => version < entry.version);
      return { ...entry, ...newest, eventType, file: schemaFile(eventType, entry.version), older };
    });
}

function checkVersions(eventType: string, entry: EventTypeEntry, versions: readonly EmittedVersion[]): void {
  const named = {
    deprecated: Object.keys(entry.deprecated ?? {}).map(Number),
    publishVersions: entry.publishVersions ?? [],
  };
  for (const [key, numbers] of Object.entries(named)) {
    const missing = numbers.find((number) => !versions.some(({ version }) => version === number));
    if (missing === undefined) continue;
    throw new EvtgenError(
      'missing_schema',
      `${CATALOG_FILE}: eventTypes[${JSON.stringify(eventType)}].${key}: expected versions up to ${entry.version} ` +
        `with a file, got ${missing}`,
    );
  }
}
