import type { Manifest } from './manifest.ts';
import { nameMigrations, type MigrationFolder } from './migrations.ts';
import type { WantedFile } from './plan.ts';

/**
 * evtgen's SQL migrations under the project's next numbers. One that was written before keeps its name: it may
 * have run by then.
 * @param scripts of `templates/sql`, by name, e.g. `0001-event-log.sql`.
 */
export function migrationFiles(
  scripts: ReadonlyMap<string, string>,
  migrations: MigrationFolder,
  manifest: Manifest,
  version: string,
  now: Date,
): WantedFile[] {
  const known = new Map([...manifest].map(([path, entry]) => [entry.source, path]));
  const sourceOf = (script: string): string => `templates/sql/${script}`;
  const fresh = [...scripts.keys()].sort().filter((script) => !known.has(sourceOf(script)));
  const topics = fresh.map((script) => `evtgen-${script.replace(/^\d+-|\.sql$/g, '')}`);
  const names = nameMigrations(migrations.names, topics, now);
  for (const [index, script] of fresh.entries()) {
    known.set(sourceOf(script), `${migrations.folder}/${names[index]}`);
  }
  const preamble = migrations.preamble === '' ? '' : `${migrations.preamble}\n`;
  return [...scripts].map(([script, sql]) => ({
    path: known.get(sourceOf(script)) ?? script,
    owner: 'C',
    source: sourceOf(script),
    content: `${preamble}-- Written once by evtgen ${version}; run it with your other migrations.\n${sql}`,
  }));
}
