import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';
import type { JsonSchema } from '../scan/report.ts';
import { EvtgenError } from '../ui/errors.ts';
import { shellWord } from '../ui/shell-word.ts';
import { schemaProblems } from './json-schema.ts';
import { CATALOG_FILE, SCHEMA_FOLDER, schemaFile } from './paths.ts';
import { catalogSchema, type Catalog } from './schema.ts';

export interface LoadedCatalog {
  readonly catalog: Catalog;
  /** By `<type>.v<version>`, every version that has a file. */
  readonly schemas: ReadonlyMap<string, JsonSchema>;
}

export const EMPTY_CATALOG: Catalog = { catalogVersion: 1, eventTypes: {}, mutations: {} };

/**
 * Reads the contract folder `events/` of a project.
 * @param dir the project's folder as the user says it.
 * @throws EvtgenError `no_catalog` when there is none; `invalid_json`, `invalid_file`, `invalid_schema` or
 * `missing_schema`, naming file, path, expected and got, when it is broken.
 */
export function loadCatalog(root: string, dir = '.'): LoadedCatalog {
  const loaded = loadCatalogIfPresent(root);
  if (loaded === null) {
    throw missingCatalog(root, dir);
  }
  for (const [type, { version }] of Object.entries(loaded.catalog.eventTypes)) {
    if (loaded.schemas.has(`${type}.v${version}`)) continue;
    throw new EvtgenError(
      'missing_schema',
      `${CATALOG_FILE}: eventTypes[${JSON.stringify(type)}].version: expected a file ` +
        `${schemaFile(type, version)}, got none`,
    );
  }
  return loaded;
}

/** @param dir the project's folder as the user says it. */
export function missingCatalog(root: string, dir = '.'): EvtgenError {
  return new EvtgenError('no_catalog', `there is no ${CATALOG_FILE} in ${root}`, {
    hint: `run "evtgen scan ${dir === '.' ? '' : `${shellWord(dir)} `}--write" to make one from your routes`,
  });
}

/** As `loadCatalog`, but null when there is no catalog, and event types may lack their schema file. */
export function loadCatalogIfPresent(root: string): LoadedCatalog | null {
  const text = readTextIfPresent(join(root, CATALOG_FILE));
  if (text === undefined) return null;
  const files = schemaFileNames(join(root, SCHEMA_FOLDER)).map((name) => `${SCHEMA_FOLDER}/${name}`);
  return readContract(
    text,
    files.map((file) => [file, readTextIfPresent(join(root, file)) ?? '']),
  );
}

/**
 * The contract that texts say, whatever they were read from.
 * @param schemaTexts by file, relative to the project's root
 * @param origin how messages say where the files lie, if it is not the project's folder
 * @throws EvtgenError as `loadCatalog` does.
 */
export function readContract(
  catalogText: string,
  schemaTexts: readonly (readonly [file: string, text: string])[],
  origin = '',
): LoadedCatalog {
  const catalog = parseJson(origin + CATALOG_FILE, catalogText, catalogSchema);
  checkReferences(catalog);
  return { catalog, schemas: readSchemas(schemaTexts, origin) };
}

function checkReferences(catalog: Catalog): void {
  for (const [key, entry] of Object.entries(catalog.mutations)) {
    if (!('event' in entry) || Object.hasOwn(catalog.eventTypes, entry.event)) continue;
    throw new EvtgenError(
      'invalid_file',
      `${CATALOG_FILE}: mutations[${JSON.stringify(key)}].event: expected one of the catalog's eventTypes, ` +
        `got ${JSON.stringify(entry.event)}`,
    );
  }
}

function readSchemas(
  texts: readonly (readonly [file: string, text: string])[],
  origin: string,
): Map<string, JsonSchema> {
  const schemas = new Map<string, JsonSchema>();
  for (const [path, text] of texts) {
    const file = origin + path;
    const value = parseJson(file, text, z.custom<JsonSchema>());
    const [problem, ...rest] = schemaProblems(value);
    if (problem !== undefined) {
      const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
      throw new EvtgenError(
        'invalid_schema',
        `${file}: ${problem.path === '' ? 'the document' : problem.path}: expected ${problem.expected}, ` +
          `got ${problem.got}${more}`,
      );
    }
    schemas.set(path.slice(SCHEMA_FOLDER.length + 1).replace(/\.json$/, ''), value);
  }
  return schemas;
}

function schemaFileNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new EvtgenError('unreadable_file', `cannot read ${folder}`, { cause: error });
  }
}
