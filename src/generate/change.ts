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
  /** `conflict`: generate wants other content than the hand-made one on disk, and leaves that alone. */
  readonly kind: 'create' | 'update' | 'keep' | 'conflict' | 'delete';
  /** Text on disk; null when there is no file. */
  readonly before: string | null;
  /** Text that generate wants there; null when it wants no file. */
  readonly after: string | null;
  /** Why a file was left alone. */
  readonly reason?: string;
}

/** Whether applying it alters the disk. */
export function isWrite(change: Change): boolean {
  return change.kind === 'create' || change.kind === 'update' || change.kind === 'delete';
}
