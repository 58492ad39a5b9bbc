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

/** A file of the contract folder that is to be written. */
export interface ContractFile {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

/**
 * What is to be written for a catalog: schema files that are not there yet (one that exists may have been edited and
 * is never overwritten), and the catalog itself, unless the one there says the same in another layout.
 */
export function changedFiles(
  root: string,
  catalog: Catalog,
  newSchemas: ReadonlyMap<string, JsonSchema>,
): ContractFile[] {
  // Schemas first: a catalog never names a version that has no file, even if we are stopped half-way.
  const schemas = [...newSchemas].map(([type, schema]) => ({
    path: schemaFile(type, 1),
    text: formatSchema(type, schema),
  }));
  const text = formatCatalog(catalog);
  const isCurrent = isSame(readTextIfPresent(join(root, CATALOG_FILE)), text);
  return [
    ...schemas.filter(({ path }) => !existsSync(join(root, path))),
    ...(isCurrent ? [] : [{ path: CATALOG_FILE, text }]),
  ];
}

/**
 * @returns the paths written, relative to the root.
 * @throws EvtgenError `unwritable` naming the file.
 */
export function writeContract(root: string, files: readonly ContractFile[]): string[] {
  for (const { path, text } of files) writeAtomically(root, path, text);
  return files.map(({ path }) => path);
}

function isSame(before: string | undefined, text: string): boolean {
  if (before === undefined || before === text) return before === text;
  return JSON.stringify(JSON.parse(before)) === JSON.stringify(JSON.parse(text));
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
