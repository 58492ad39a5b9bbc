import { posix } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import type { Terminal } from '../ui/terminal.ts';
import { isWrite, needsHand, type Change } from './change.ts';
import type { KernelState, MissingFix } from './kernel-version.ts';
import type { WirePlan } from './wire.ts';

/** A plan and what the reader of its report should know beside it. */
export interface GenerateReport {
  readonly changes: readonly Change[];
  readonly kernel: KernelState;
  /** What did not go as it should, and stopped nothing. */
  readonly warnings: readonly string[];
  /** What was put into handlers, and what was not and why; undefined without `--wire`. */
  readonly wiring: WirePlan | undefined;
  readonly nextSteps: readonly string[];
  /** The project's folder as the user said it; paths and commands are meant from there. */
  readonly dir: string;
  /** Whether the changes were carried out. */
  readonly isApplied: boolean;
}

/** The one document of `generate --json`. */
export function jsonReport(report: GenerateReport, withDiff: boolean): string {
  return JSON.stringify(
    {
      schemaVersion: 1,
      applied: report.isApplied,
      kernel: report.kernel,
      changes: report.changes.map((change) => ({
        path: change.path,
        owner: change.owner,
        kind: change.kind,
        ...(change.reason === undefined ? {} : { reason: change.reason }),
        ...(change.kind === 'merge' ? { conflicts: change.conflicts ?? 0 } : {}),
        ...(withDiff && isWrite(change) ? { diff: unifiedDiff(change) } : {}),
      })),
      warnings: report.warnings,
      byHand: report.wiring?.byHand ?? [],
      ...(report.wiring === undefined ? {} : wiringJson(report.wiring)),
      nextSteps: report.nextSteps,
    },
    null,
    2,
  );
}

function wiringJson({ wired, notAtomic, orphans }: WirePlan): object {
  return {
    wired,
    notAtomic: notAtomic.map(({ change, ...rest }) => ({ ...rest, diff: unifiedDiff(change) })),
    orphans,
  };
}

/**
 * For people: what was or would be written, what was left alone and why, and what to do next.
 * @param isCheck lists every file, and the version of the kernel.
 */
export function printReport(report: GenerateReport, isCheck: boolean, terminal: Terminal): void {
  const shown = report.changes.filter(({ kind, reason }) => kind !== 'keep' || reason !== undefined);
  const grouped = shown.filter((change) => !isCheck && change.owner === 'A' && isGrouped(change));
  for (const line of groupLines(grouped)) terminal.result(line);
  for (const change of shown.filter((one) => !grouped.includes(one))) terminal.result(changeLine(change));
  terminal.result(summary(report));
  for (const line of kernelLines(report.kernel, isCheck)) terminal.result(line);
  if (report.wiring !== undefined) printWiring(report.wiring, terminal);
  if (report.nextSteps.length === 0) return;
  terminal.result(`\nNext steps${report.dir === '.' ? '' : `, in ${report.dir}`}:`);
  for (const [index, step] of report.nextSteps.entries()) {
    terminal.result(`  ${index + 1}. ${step.replaceAll('\n', '\n     ')}`);
  }
}

function printWiring({ wired, byHand, notAtomic, orphans }: WirePlan, terminal: Terminal): void {
  if (wired.length > 0) terminal.result('');
  for (const { mutation, file, line, reason } of alike(wired)) {
    terminal.result(`wired    ${mutation} in ${file}:${line}  (${reason})`);
  }
  for (const { mutation, file, line, reason, change } of notAtomic) {
    terminal.result(`\nnot atomic: ${mutation} in ${file}:${line}\n  ${reason}`);
    terminal.result('  --wire=all does this all the same:');
    terminal.result(indented(unifiedDiff(change).trimEnd()));
  }
  for (const { mutation, file, line, reason, snippet } of alike(byHand)) {
    terminal.result(`\nby hand: ${mutation} in ${file}:${line}\n  ${reason}\n${indented(snippet)}`);
  }
  for (const { eventType, file, line } of orphans) {
    terminal.result(
      `\nnot in the catalog: ${file}:${line} emits ${eventType}\n  --unwire takes the call away`,
    );
  }
  const counts = Object.entries({ wired, 'not atomic': notAtomic, 'by hand': byHand })
    .map(([outcome, entries]) => ({ outcome, count: new Set(entries.map(({ mutation }) => mutation)).size }))
    .filter(({ count }) => count > 0);
  if (counts.length === 0) return;
  terminal.result(`\nmutations: ${counts.map(({ outcome, count }) => `${count} ${outcome}`).join(', ')}`);
}

/** A handler that is mounted at several paths has to be read once. */
function alike<Entry extends { readonly mutation: string }>(entries: readonly Entry[]): Entry[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = JSON.stringify({ ...entry, mutation: '' });
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].flatMap((group) => {
    const mutations = new Set(group.map(({ mutation }) => mutation));
    return group.slice(0, 1).map((entry) => ({ ...entry, mutation: [...mutations].join(', ') }));
  });
}

/** The changes as one patch, in the format of `git diff`; what it cannot show goes beside it. */
export function printDiff(changes: readonly Change[], terminal: Terminal): void {
  for (const change of changes.filter(needsHand)) terminal.note(changeLine(change));
  for (const change of changes.filter(isWrite)) terminal.result(unifiedDiff(change).trimEnd());
}

function changeLine({ kind, path, reason }: Change): string {
  return `${kind.padEnd(8)} ${path}${reasonIn(reason)}`;
}

function reasonIn(reason: string | undefined): string {
  return reason === undefined ? '' : `  (${reason})`;
}

/** Kernel files come by the dozen and are not for reading one by one here. */
function isGrouped({ kind }: Change): boolean {
  return kind === 'create' || kind === 'update' || kind === 'delete';
}

function groupLines(changes: readonly Change[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, path, reason } of changes) {
    const key = JSON.stringify([`${kind.padEnd(8)} ${posix.dirname(path)}/`, reasonIn(reason)]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => {
    const [line, reason] = JSON.parse(key) as [string, string];
    return `${line}  ${files(count)}${reason}`;
  });
}

/** Which kernel is there, where that matters, and which fixes it lacks. */
function kernelLines({ installed, available, missingFixes }: KernelState, isCheck: boolean): string[] {
  const isOld = installed !== null && installed !== available;
  const version = `kernel   ${installed ?? 'none'} is installed, this evtgen writes ${available}`;
  return [...(isOld || isCheck ? [version] : []), ...missingFixes.map(fixLine)];
}

function fixLine({ since, severity, says, files: lacking }: MissingFix): string {
  return `${severity.padEnd(8)} ${says}  (fixed in ${since}; ${lacking.join(', ')})`;
}

export function unifiedDiff({ path, before, after }: Change): string {
  const [from, to] = [
    before === null ? '/dev/null' : `a/${path}`,
    after === null ? '/dev/null' : `b/${path}`,
  ];
  return createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, {
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
}

function summary({ changes, isApplied }: GenerateReport): string {
  const writes = changes.filter(isWrite).length;
  const conflicts = changes.filter(({ kind }) => kind === 'conflict').length;
  const marked = changes.filter((change) => isWrite(change) && needsHand(change)).length;
  if (writes === 0 && conflicts === 0) return 'everything is up to date';
  const written = isApplied ? `${files(writes)} written` : `${files(writes)} to write; nothing was written`;
  const left = conflicts === 0 ? '' : `, ${files(conflicts)} left alone because of hand-made changes`;
  const decide = marked === 0 ? '' : `, ${files(marked)} with conflicts to decide`;
  return written + decide + left;
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}
