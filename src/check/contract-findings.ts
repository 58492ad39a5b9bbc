import { CATALOG_FILE, SCHEMA_FOLDER } from '../catalog/paths.ts';
import { mergeCatalog, mutationKey, type CatalogChange } from '../catalog/merge.ts';
import type { LoadedCatalog } from '../catalog/load.ts';
import type { ScanReport } from '../scan/report.ts';
import type { Finding } from './finding.ts';

/**
 * Where the catalog and the code differ: mutations nobody has decided about, and entries that no code stands behind.
 *
 * @param isEmitted whether the project emits an event type, wherever that is.
 */
export function contractFindings(
  { catalog, schemas }: LoadedCatalog,
  report: ScanReport,
  isEmitted: (eventType: string) => boolean,
): Finding[] {
  const { changes } = mergeCatalog(catalog, report);
  const live = new Set(
    Object.entries(catalog.mutations).flatMap(([key, entry]) =>
      'event' in entry && entry.gone !== true && !changes.some((change) => isGone(change, key))
        ? [entry.event]
        : [],
    ),
  );
  const eventTypes = Object.keys(catalog.eventTypes);
  return [
    ...changes.map((change) => changeFinding(change, report)),
    ...eventTypes.filter((eventType) => !live.has(eventType) && !isEmitted(eventType)).map(orphanEventType),
    ...[...schemas.keys()]
      .filter((name) => !eventTypes.includes(name.replace(/\.v\d+$/, '')))
      .map(orphanSchema),
  ];
}

function isGone(change: CatalogChange, key: string): boolean {
  return change.kind === 'gone' && change.mutation === key;
}

function changeFinding(change: CatalogChange, report: ScanReport): Finding {
  const { kind, mutation: key } = change;
  if (kind === 'gone') {
    return {
      rule: 'gone_mutation',
      message: `${key} is in the catalog, but no longer in the code`,
      file: CATALOG_FILE,
      fix: 'run "evtgen scan --write" to mark it as gone, or bring the route back',
    };
  }
  const mutation = report.mutations.find((found) => mutationKey(found) === key);
  const place = { file: mutation?.file ?? CATALOG_FILE, line: mutation?.line };
  if (kind === 'back') {
    return {
      rule: 'returned_mutation',
      message: `${key} is marked as gone in the catalog, but is in the code`,
      ...place,
      fix: 'run "evtgen scan --write" to take the mark away',
    };
  }
  const proposal = change.eventType === null ? 'no event is proposed' : `proposed is ${change.eventType}`;
  return {
    rule: 'undecided_mutation',
    message: `nobody has decided about ${key}: ${proposal}`,
    ...place,
    fix: 'run "evtgen scan" and decide, or "evtgen scan --write" to take what is proposed',
  };
}

function orphanEventType(eventType: string): Finding {
  return {
    rule: 'orphan_event_type',
    message: `no mutation of the catalog has ${eventType}, and nothing emits it`,
    file: CATALOG_FILE,
    fix: 'remove it from the catalog with its schemas, or emit it',
  };
}

function orphanSchema(name: string): Finding {
  return {
    rule: 'orphan_schema',
    message: `${name} is the schema of no event type of the catalog`,
    file: `${SCHEMA_FOLDER}/${name}.json`,
    fix: 'remove the file, or give the catalog its event type',
  };
}
