import { posix } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../config/json-file.ts';

const entrySchema = z.strictObject({
  owner: z.enum(['A', 'B', 'C']),
  /** Where the content came from: a file of evtgen, or `template` and what it was filled with. */
  source: z.string(),
  evtgen: z.string(),
  /** Git's id of the text written, with line feeds; the base of a later merge. */
  blob: z.string().regex(/^[0-9a-f]{40}$/),
  ast: z.string().regex(/^[0-9a-f]{16}$/),
});

const manifestSchema = z.strictObject({
  manifestVersion: z.literal(1),
  files: z.record(z.string(), entrySchema),
});

export type ManifestEntry = z.infer<typeof entrySchema>;
/** What generate wrote, by path. */
export type Manifest = ReadonlyMap<string, ManifestEntry>;

export function manifestPath(output: string): string {
  return `${output}/.evtgen/manifest.json`;
}

/** Where the text is kept that a merged file is compared with next time. Named so that no tool takes it for code. */
export function basePath(manifest: string, path: string): string {
  return `${posix.dirname(manifest)}/base/${path}.txt`;
}

/** @throws EvtgenError when the file was damaged: without it nobody knows which files are pristine. */
export function parseManifest(path: string, text: string): Manifest {
  return new Map(Object.entries(parseJson(path, text, manifestSchema).files));
}

/** Sorted, one line a file, no dates: two branches merge line by line. */
export function formatManifest(manifest: Manifest): string {
  const lines = [...manifest.keys()]
    .sort()
    .map((path) => `    ${JSON.stringify(path)}: ${JSON.stringify(manifest.get(path))}`);
  const files = lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
  return `{\n  "manifestVersion": 1,\n  "files": ${files}\n}\n`;
}
