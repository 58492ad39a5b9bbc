/** A fault of released kernel files that a version of evtgen put right. */
export interface KernelFix {
  /** The first version without the fault. */
  readonly since: string;
  readonly severity: 'security' | 'bug';
  /** What could happen, in one sentence. */
  readonly says: string;
  /** Modules of evtgen that were at fault: `src/kernel/stream.ts`. */
  readonly files: readonly string[];
}

/**
 * Kernel files are copied into projects, so that no package update brings a fix to them: `generate --check` names
 * those that a project lacks. Only faults of released versions belong here; none has been released with one yet.
 */
export const KERNEL_FIXES: readonly KernelFix[] = [];
