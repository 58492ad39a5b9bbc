import { EvtgenError } from '../ui/errors.ts';
import type { KernelFix } from './kernel-fixes.ts';
import type { Manifest } from './manifest.ts';

/** A fix that a project does not have. */
export interface MissingFix {
  readonly since: string;
  readonly severity: KernelFix['severity'];
  readonly says: string;
  /** Files of the project that lack it. */
  readonly files: readonly string[];
}

/** What is known of the kernel files that a project has. */
export interface KernelState {
  /** The oldest version among them; null before the first generate. */
  readonly installed: string | null;
  /** The version that would be written. */
  readonly available: string;
  readonly missingFixes: readonly MissingFix[];
}

export function kernelState(manifest: Manifest, available: string, fixes: readonly KernelFix[]): KernelState {
  const kernel = [...manifest].filter(([, { owner }]) => owner === 'A');
  const versions = kernel.map(([, { evtgen }]) => evtgen).toSorted(compareVersions);
  const missingFixes = fixes.map(({ since, severity, says, files }) => {
    const lacks = kernel.filter(
      ([, { source, evtgen }]) => files.includes(source) && compareVersions(evtgen, since) < 0,
    );
    return { since, severity, says, files: lacks.map(([path]) => path) };
  });
  return {
    installed: versions[0] ?? null,
    available,
    missingFixes: missingFixes.filter(({ files }) => files.length > 0),
  };
}

/**
 * An older evtgen would take fixes back out of the files.
 * @throws EvtgenError `older_evtgen`
 */
export function refuseOlder(manifest: Manifest, version: string): void {
  const newest = [...manifest.values()]
    .map(({ evtgen }) => evtgen)
    .toSorted(compareVersions)
    .at(-1);
  if (newest === undefined || compareVersions(newest, version) <= 0) return;
  throw new EvtgenError(
    'older_evtgen',
    `this is evtgen ${version}, and ${newest} wrote the files that are there`,
    { hint: `run it as: npx evtgen@${newest} generate` },
  );
}

/** As Semantic Versioning 2.0.0, section 11: negative when `a` comes before `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  for (const [index, part] of left.core.entries()) {
    if (part !== right.core[index]) return part - (right.core[index] ?? 0);
  }
  if (left.pre.length === 0 || right.pre.length === 0) return right.pre.length - left.pre.length;
  for (const [index, part] of left.pre.entries()) {
    const other = right.pre[index];
    if (other === undefined) return 1;
    if (part !== other) return comparePre(part, other);
  }
  return left.pre.length - right.pre.length;
}

/** Numbers come before words. */
function comparePre(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return Number(a) - Number(b);
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return a < b ? -1 : 1;
}

function parseVersion(version: string): {
  readonly core: readonly number[];
  readonly pre: readonly string[];
} {
  const [, core = '', pre = ''] = /^([^-+]*)-?([^+]*)/.exec(version) ?? [];
  return { core: core.split('.').map(Number), pre: pre === '' ? [] : pre.split('.') };
}
