import { astHash, gitBlobId } from './ast-hash.ts';
import type { Change, Owner } from './change.ts';
import { formatManifest, type Manifest, type ManifestEntry } from './manifest.ts';

/** A file as generate would write it into an empty project. */
export interface WantedFile {
  readonly path: string;
  readonly owner: Exclude<Owner, 'D'>;
  readonly source: string;
  readonly content: string;
}

export interface PlanInput {
  readonly wanted: readonly WantedFile[];
  readonly manifest: Manifest;
  readonly manifestPath: string;
  /** Current text of every wanted file, every file of the manifest and the manifest itself; absent = no file. */
  readonly disk: ReadonlyMap<string, string>;
  readonly version: string;
  /** Overwrite edited files of owner B. */
  readonly force: boolean;
  /** Edits of the user's own files (owner D), already computed. */
  readonly edits?: readonly Change[] | undefined;
}

/**
 * Compares what should be with what is. Pure: it reads nothing and writes nothing.
 * @returns one change a file, sorted by path, the manifest last.
 */
export function plan(input: PlanInput): Change[] {
  const entries = new Map<string, ManifestEntry>();
  const changes: Change[] = [];
  const wantedPaths = new Set(input.wanted.map((file) => file.path));

  for (const file of input.wanted) {
    const change = planWanted(file, input);
    changes.push(change);
    const written: ManifestEntry = {
      owner: file.owner,
      source: file.source,
      evtgen: input.version,
      blob: gitBlobId(file.content),
      ast: astHash(file.path, file.content),
    };
    const known = input.manifest.get(file.path);
    if (change.kind === 'create' || change.kind === 'update') entries.set(file.path, written);
    else if (known !== undefined) entries.set(file.path, known);
    else if (change.kind === 'keep' && file.owner !== 'C') entries.set(file.path, written);
  }

  for (const [path, entry] of input.manifest) {
    if (wantedPaths.has(path)) continue;
    const change = planStale(path, entry, input.disk.get(path));
    if (change !== undefined) changes.push(change);
    if (change?.kind === 'keep') entries.set(path, entry);
  }

  changes.push(...(input.edits ?? []));
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  changes.push(planManifest(input, formatManifest(entries)));
  return changes;
}

function planWanted(file: WantedFile, input: PlanInput): Change {
  const before = input.disk.get(file.path) ?? null;
  const entry = input.manifest.get(file.path);
  const base = { path: file.path, owner: file.owner, before, after: file.content };

  if (file.owner === 'C') {
    if (before !== null) return { ...base, kind: 'keep', after: before };
    if (entry !== undefined) return { ...base, kind: 'keep', after: null, reason: 'you removed it' };
    return { ...base, kind: 'create' };
  }
  if (before === null) return { ...base, kind: 'create' };
  // Equal but for layout: a formatter went over it, or another checkout has other line endings.
  if (astHash(file.path, before) === astHash(file.path, file.content)) {
    return { ...base, kind: 'keep', after: before };
  }
  if (entry === undefined) {
    return { ...base, kind: 'conflict', reason: 'a file that evtgen did not write is in the way' };
  }
  if (isPristine(file.path, before, entry)) return { ...base, kind: 'update' };
  if (file.owner === 'B' && input.force)
    return { ...base, kind: 'update', reason: 'your edits are overwritten' };
  if (file.owner === 'B')
    return { ...base, kind: 'conflict', reason: 'edited by hand; --force overwrites it' };
  // What was written is what would be written again: the edit stands in nobody's way.
  if (isPristine(file.path, file.content, entry)) {
    return { ...base, kind: 'keep', after: before, reason: 'edited by hand' };
  }
  return { ...base, kind: 'conflict', reason: 'edited by hand, and changed in evtgen' };
}

/** A file that is no longer wanted. Undefined when nothing is left to say about it. */
function planStale(path: string, entry: ManifestEntry, before: string | undefined): Change | undefined {
  if (before === undefined) return undefined;
  const base = { path, owner: entry.owner, before };
  if (entry.owner === 'C') return { ...base, kind: 'keep', after: before };
  if (isPristine(path, before, entry)) return { ...base, kind: 'delete', after: null };
  return { ...base, kind: 'keep', after: before, reason: 'no longer needed, but edited by hand' };
}

function planManifest(input: PlanInput, after: string): Change {
  const before = input.disk.get(input.manifestPath) ?? null;
  const base = { path: input.manifestPath, owner: 'A', before, after } as const;
  if (before === null) return { ...base, kind: 'create' };
  return { ...base, kind: before.replaceAll('\r\n', '\n') === after ? 'keep' : 'update' };
}

function isPristine(path: string, text: string, entry: ManifestEntry): boolean {
  return gitBlobId(text) === entry.blob || astHash(path, text) === entry.ast;
}
