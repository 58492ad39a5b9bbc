import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import { writeAtomically } from '../config/write-file.ts';
import type { JsonSchema } from '../scan/report.ts';
import { CATALOG_FILE, schemaFile } from './paths.ts';
import type { Catalog } from './schema.ts';

/** The bytes of `events/catalog.json`: keys sorted at every level, so that two branches merge line by line. */
function formatCatalog(catalog: Catalog): string {
  const { $schema, catalogVersion, eventTypes, mutations } = catalog;
  const ordered = {
    ...($schema === undefined ? {} : { $schema }),
    catalogVersion,
    eventTypes: sorted(eventTypes),
    mutations: sorted(mutations),
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

/** The bytes of a new schema file; properties keep the order of the source. */
function formatSchema(type: string, schema: JsonSchema): string {
  const document = { $schema: 'http://json-schema.org/draft-07/schema#', title: type, ...schema };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Writes the catalog, and schema files that are not there yet: one that exists may have been edited and is never
 * overwritten. Identical bytes are no write.
 * @returns the paths written, relative to the root.
 * @throws EvtgenError `unwritable` naming the file.
 */
export function writeCatalog(
  root: string,
  catalog: Catalog,
  newSchemas: ReadonlyMap<string, JsonSchema>,
): string[] {
  const written: string[] = [];
  // Schemas first: a catalog never names a version that has no file, even if we are stopped half-way.
  for (const [type, schema] of newSchemas) {
    const file = schemaFile(type, 1);
    if (existsSync(join(root, file))) continue;
    writeAtomically(root, file, formatSchema(type, schema));
    written.push(file);
  }
  const text = formatCatalog(catalog);
  if (readTextIfPresent(join(root, CATALOG_FILE)) !== text) {
    writeAtomically(root, CATALOG_FILE, text);
    written.push(CATALOG_FILE);
  }
  return written;
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
