import type { LoadedCatalog } from '../catalog/load.ts';
import { CATALOG_FILE, schemaFile } from '../catalog/paths.ts';
import type { EventTypeEntry } from '../catalog/schema.ts';
import type { JsonSchema } from '../scan/report.ts';
import type { Finding } from './finding.ts';
import { breakingChanges } from './schema-changes.ts';

const NEW_VERSION = 'make it a new version of the event type, beside this one';

/**
 * What subscribers were promised by the contract of before, and would no longer get.
 *
 * @param lineOf where in a file of the project a schema's part stands.
 * @param today `YYYY-MM-DD`: a version whose sunset is over may go.
 */
export function breakingFindings(
  base: LoadedCatalog,
  now: LoadedCatalog,
  lineOf: (file: string, path: readonly string[]) => number | undefined,
  today: string,
): Finding[] {
  const entries = Object.entries(base.catalog.eventTypes);
  const ofTypes = entries.flatMap(([type, entry]) =>
    entryChanges(type, entry, now.catalog.eventTypes[type]).map((message) => finding(CATALOG_FILE, message)),
  );
  const ofSchemas = [...base.schemas].flatMap(([name, before]): Finding[] => {
    const { type, version } = versionOf(name);
    const entry = base.catalog.eventTypes[type];
    // Its type goes as a whole, or it never was of one.
    if (entry === undefined || now.catalog.eventTypes[type] === undefined) return [];
    const file = schemaFile(type, version);
    const after = now.schemas.get(name);
    if (after === undefined) {
      return isOver(entry, version, today) ? [] : [finding(file, `${name} is gone`, GONE)];
    }
    return schemaFindings(name, before, after).map(({ path, message }) =>
      finding(file, message, NEW_VERSION, lineOf(file, path)),
    );
  });
  return [...ofTypes, ...ofSchemas];
}

const GONE = 'bring it back; what is deprecated in the catalog may go after its sunset';
const OF_TYPE = 'bring that back, or let subscribers know and merge in spite of this check';

function finding(file: string, message: string, fix = OF_TYPE, line?: number): Finding {
  return { rule: 'breaking_change', message, file, line, fix };
}

function entryChanges(type: string, before: EventTypeEntry, after: EventTypeEntry | undefined): string[] {
  if (after === undefined) return [`${type} is gone from the catalog`];
  return [
    ...(after.version < before.version ? [`${type} went back to version ${after.version}`] : []),
    ...(before.audience === 'public' && after.audience === 'internal' ? [`${type} is no longer public`] : []),
    ...((before.subject ?? 'id') === (after.subject ?? 'id')
      ? []
      : [`${type} has another subject: ${after.subject ?? 'id'}, and had ${before.subject ?? 'id'}`]),
  ];
}

function isOver({ deprecated }: EventTypeEntry, version: number, today: string): boolean {
  const sunset = deprecated?.[String(version)]?.sunset;
  return sunset !== undefined && sunset <= today;
}

function schemaFindings(
  name: string,
  before: JsonSchema,
  after: JsonSchema,
): { path: readonly string[]; message: string }[] {
  return breakingChanges(before, after).map(({ path, message }) => {
    const steps = path
      .filter((step) => step !== 'properties')
      .map((step) => (step === 'items' ? '[]' : step));
    const place = ['data', ...steps].join('.').replaceAll('.[]', '[]');
    return { path, message: `${name}: ${place} ${message}` };
  });
}

function versionOf(name: string): { type: string; version: number } {
  const at = name.lastIndexOf('.v');
  return { type: name.slice(0, at), version: Number(name.slice(at + 2)) };
}
