/** The contract folder, relative to the project's root. */
const CONTRACT_FOLDER = 'events';
export const CATALOG_FILE = `${CONTRACT_FOLDER}/catalog.json`;
export const SCHEMA_FOLDER = `${CONTRACT_FOLDER}/schemas`;

/** The file of one version of an event type's schema, relative to the project's root. */
export function schemaFile(type: string, version: number): string {
  return `${SCHEMA_FOLDER}/${type}.v${version}.json`;
}
