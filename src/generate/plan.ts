import { astHash, saysTheSame } from './ast-hash.ts';
import { gitBlobId } from './git-blob-id.ts';
import { isWrite, type Change, type Owner } from './change.ts';
import { basePath, formatManifest, type Manifest, type ManifestEntry } from './manifest.ts';
import { findMarker, type EditMerge } from './merge.ts';

/** A file as generate would write it into an empty project. */
export interface WantedFile {
  readonly path: string;
  readonly owner: Exclude<Owner, 'D'>;
  readonly source: string;
  readonly content: string;
  /** Of a copied module: makes the content as of another version of evtgen, from that version's module. */
  readonly render?: ((source: string, version: string) => string) | undefined;
}

export interface PlanInput {
  readonly wanted: readonly WantedFile[];
  readonly manifest: Manifest;
  readonly manifestPath: string;
  /**
   * Current text of every wanted file, every file of the manifest, their merge bases and the manifest itself;
   * absent = no file.
   */
  readonly disk: ReadonlyMap<string, string>;
  readonly version: string;
  /** Overwrite edited files of owner B. */
  readonly force: boolean;
  /** Edited files of owner A with the new content merged in, by path. */
  readonly merges?: ReadonlyMap<string, EditMerge> | undefined;
  /** Why edited files could not be merged. */
  readonly unmerged?: string | undefined;
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
    const entry = entryAfter(change, file, input);
    if (entry !== undefined) entries.set(file.path, entry);
  }

  for (const [path, entry] of input.manifest) {
    if (wantedPaths.has(path)) continue;
    const change = planStale(path, entry, input.disk.get(path));
    if (change !== undefined) changes.push(change);
    if (change?.kind === 'keep') entries.set(path, entry);
  }

  changes.push(...planBases(changes, entries, input), ...(input.edits ?? []));
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  changes.push(planManifest(input, formatManifest(entries)));
  return changes;
}

/**
 * Whether the content of a file matters for the plan: it is to be written, or what is on disk says something else.
 * Only such files need to be formatted first.
 */
export function isOpen(file: WantedFile, { manifest, disk }: Pick<PlanInput, 'manifest' | 'disk'>): boolean {
  const before = disk.get(file.path);
  if (before === undefined) return file.owner !== 'C' || !manifest.has(file.path);
  return file.owner !== 'C' && !saysTheSame(file.path, before, file.content);
}

/** Whether a file of owner A was edited and has a new version, so that the two are to be merged. */
export function isMergeable(
  file: WantedFile,
  { manifest, disk }: Pick<PlanInput, 'manifest' | 'disk'>,
): boolean {
  const [before, entry] = [disk.get(file.path), manifest.get(file.path)];
  if (file.owner !== 'A' || before === undefined || entry === undefined) return false;
  if (findMarker(before) !== undefined || !isOpen(file, { manifest, disk })) return false;
  return !isPristine(file.path, before, entry) && !isPristine(file.path, file.content, entry);
}

/** What the manifest says of a wanted file from now on. */
function entryAfter(change: Change, file: WantedFile, input: PlanInput): ManifestEntry | undefined {
  const known = input.manifest.get(file.path);
  const isKept = change.kind === 'keep' || change.kind === 'conflict';
  const isCurrent =
    change.kind === 'keep' &&
    file.owner !== 'C' &&
    change.before !== null &&
    saysTheSame(file.path, change.before, file.content);
  if (isKept && !isCurrent) return known;
  const text = isCurrent && change.before !== null ? change.before : file.content;
  // Otherwise the file is as a run left it that was killed before it wrote the manifest.
  if (isCurrent && known !== undefined && isPristine(file.path, text, known)) return known;
  const { path, owner, source } = file;
  return { owner, source, evtgen: input.version, blob: gitBlobId(text), ast: astHash(path, text) };
}

/** The base of a merged file is in no commit, so it is kept for the next merge for as long as the file is edited. */
function planBases(
  changes: readonly Change[],
  entries: ReadonlyMap<string, ManifestEntry>,
  { wanted, manifest, manifestPath, disk }: PlanInput,
): Change[] {
  const contents = new Map(wanted.map(({ path, content }) => [path, content]));
  const paths = new Map([...manifest, ...entries].filter(([, { owner }]) => owner === 'A'));
  const bases: Change[] = [];
  for (const file of paths.keys()) {
    const path = basePath(manifestPath, file);
    const before = disk.get(path) ?? null;
    const change = changes.find((one) => one.path === file);
    const base = { path, owner: 'A', before } as const;
    if (change?.kind === 'merge') {
      const after = (contents.get(file) ?? '').replaceAll('\r\n', '\n');
      if (before === after) continue;
      const kind = before === null ? 'create' : 'update';
      bases.push({ ...base, kind, after, reason: 'what your edits are compared with next time' });
    } else if (before !== null && !isEdited(change, entries.get(file))) {
      bases.push({ ...base, kind: 'delete', after: null, reason: 'its file has no edits any more' });
    }
  }
  return bases;
}

function isEdited(change: Change | undefined, entry: ManifestEntry | undefined): boolean {
  if (change === undefined || entry === undefined || change.before === null) return false;
  return !isWrite(change) && !isPristine(change.path, change.before, entry);
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
  if (before === null) {
    return { ...base, kind: 'create', ...(entry === undefined ? {} : { reason: 'it was removed' }) };
  }
  // Equal but for layout: a formatter went over it, or another checkout has other line endings.
  if (saysTheSame(file.path, before, file.content)) {
    return { ...base, kind: 'keep', after: before };
  }
  if (entry === undefined) {
    return { ...base, kind: 'conflict', reason: 'a file that evtgen did not write is in the way' };
  }
  if (isPristine(file.path, before, entry)) {
    return { ...base, kind: 'update', reason: whyUpdated(entry, input.version) };
  }
  if (file.owner === 'B' && input.force)
    return { ...base, kind: 'update', reason: 'your edits are overwritten' };
  if (file.owner === 'B')
    return { ...base, kind: 'conflict', reason: 'edited by hand; --force overwrites it' };
  const marker = findMarker(before);
  if (marker !== undefined) {
    const reason = `conflict markers from line ${marker} on: decide there, then run generate again`;
    return { ...base, kind: 'conflict', reason };
  }
  // What was written is what would be written again: the edit stands in nobody's way.
  if (isPristine(file.path, file.content, entry)) {
    return { ...base, kind: 'keep', after: before, reason: 'edited by hand' };
  }
  const merged = input.merges?.get(file.path);
  if (merged === undefined) {
    const why = input.unmerged === undefined ? '' : `; ${input.unmerged}`;
    return { ...base, kind: 'conflict', reason: `edited by hand, and changed in evtgen${why}` };
  }
  const { text, conflicts, reason } = merged;
  return { ...base, kind: 'merge', after: text, conflicts, reason };
}

function whyUpdated(entry: ManifestEntry, version: string): string {
  if (entry.evtgen !== version) return `evtgen ${entry.evtgen} to ${version}`;
  return entry.owner === 'A' ? 'the project or evtgen changed' : 'the catalog or the project changed';
}

/** A file that is no longer wanted. Undefined when nothing is left to say about it. */
function planStale(path: string, entry: ManifestEntry, before: string | undefined): Change | undefined {
  if (before === undefined) return undefined;
  const base = { path, owner: entry.owner, before };
  if (entry.owner === 'C') return { ...base, kind: 'keep', after: before };
  if (isPristine(path, before, entry))
    return { ...base, kind: 'delete', after: null, reason: 'no longer needed' };
  return { ...base, kind: 'keep', after: before, reason: 'no longer needed, but edited by hand' };
}

function planManifest(input: PlanInput, after: string): Change {
  const before = input.disk.get(input.manifestPath) ?? null;
  const base = { path: input.manifestPath, owner: 'A', before, after } as const;
  if (before === null) return { ...base, kind: 'create' };
  return formatManifest(input.manifest) === after
    ? { ...base, kind: 'keep', after: before }
    : { ...base, kind: 'update' };
}

function isPristine(path: string, text: string, entry: ManifestEntry): boolean {
  return gitBlobId(text) === entry.blob || astHash(path, text) === entry.ast;
}
