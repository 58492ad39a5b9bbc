import { join, posix } from 'node:path';
import { z } from 'zod';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';
import type { Owner } from './change.ts';

/** What is known of a file that generate wrote. */
export interface ManifestEntry {
  readonly owner: Exclude<Owner, 'D'>;
  /** Where the content came from: a file of evtgen, or `template` and what it was filled with. */
  readonly source: string;
  readonly evtgen: string;
  /** Git's id of the text written, with line feeds; the base of a later merge. */
  readonly blob: string;
  readonly ast: string;
}

const ENTRY = /^([ABC]) (\S+) (\S+) ([0-9a-f]{40}) ([0-9a-f]{16})$/;

// One string an entry: formatters break what is longer than a line, but not strings, and git merges line by line.
const entrySchema = z
  .string()
  .regex(ENTRY, 'expected owner, source, version, blob id and hash')
  .transform((text): ManifestEntry => {
    const [, owner = '', source = '', evtgen = '', blob = '', ast = ''] = ENTRY.exec(text) ?? [];
    return { owner: owner as ManifestEntry['owner'], source, evtgen, blob, ast };
  });

const manifestSchema = z.strictObject({
  manifestVersion: z.literal(1),
  files: z.record(z.string(), entrySchema),
});

/** What generate wrote, by path. */
export type Manifest = ReadonlyMap<string, ManifestEntry>;

export function manifestPath(output: string): string {
  return `${output}/.evtgen/manifest.json`;
}

/** Where the text is kept that a merged file is compared with next time. Named so that no tool takes it for code. */
export function basePath(manifest: string, path: string): string {
  return `${posix.dirname(manifest)}/base/${path}.txt`;
}

/**
 * What was generated into a project so far; empty where nothing was.
 * @throws EvtgenError as `parseManifest` does.
 */
export function readManifest(root: string, output: string): Manifest {
  const path = manifestPath(output);
  const text = readTextIfPresent(join(root, path));
  return text === undefined ? new Map() : parseManifest(path, text);
}

/** @throws EvtgenError when the file was damaged: without it nobody knows which files are pristine. */
export function parseManifest(path: string, text: string): Manifest {
  return new Map(Object.entries(parseJson(path, text, manifestSchema).files));
}

/** Sorted, one line a file, no dates: two branches merge line by line. */
export function formatManifest(manifest: Manifest): string {
  const entries = [...manifest].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = entries.map(([path, { owner, source, evtgen, blob, ast }]) => [
    path,
    [owner, source, evtgen, blob, ast].join(' '),
  ]);
  return `${JSON.stringify({ manifestVersion: 1, files: Object.fromEntries(files) }, null, 2)}\n`;
}
