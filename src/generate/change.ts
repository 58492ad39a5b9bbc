/**
 * Who a file belongs to.
 * - A: the kernel and its bindings, copied verbatim; updated while pristine.
 * - B: generated from the catalog; rewritten while pristine, or with `--force`.
 * - C: the user's from the first day on; written once.
 * - D: the user's own file, into which `--wire` splices calls.
 */
export type Owner = 'A' | 'B' | 'C' | 'D';

/** What will happen, or would happen, to one file. Everything that generate prints or writes comes from these. */
export interface Change {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly owner: Owner;
  /**
   * - `merge`: hand-made edits and a new version of the file become one text.
   * - `conflict`: generate wants other content than the hand-made one on disk, and leaves that alone.
   */
  readonly kind: 'create' | 'update' | 'merge' | 'keep' | 'conflict' | 'delete';
  /** Text on disk; null when there is no file. */
  readonly before: string | null;
  /** Text that generate wants there; null when it wants no file. */
  readonly after: string | null;
  /** Why this happens, where that is not plain. */
  readonly reason?: string;
  /** Of a `merge`: places between conflict markers, for a person to decide. */
  readonly conflicts?: number;
}

/** Whether applying it alters the disk. */
export function isWrite(change: Change): boolean {
  return change.kind !== 'keep' && change.kind !== 'conflict';
}

/** Whether a person has to do something before the project is right again. */
export function needsHand(change: Change): boolean {
  return change.kind === 'conflict' || (change.conflicts ?? 0) > 0;
}
