import { posix } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import type { Terminal } from '../ui/terminal.ts';
import { isWrite, type Change } from './change.ts';
import type { ByHand } from './wire.ts';

/** A plan and what the reader of its report should know beside it. */
export interface GenerateReport {
  readonly changes: readonly Change[];
  /** Emit calls that no place was certain for. */
  readonly byHand: readonly ByHand[];
  readonly nextSteps: readonly string[];
  /** Whether the changes were carried out. */
  readonly isApplied: boolean;
}

/** The one document of `generate --json`. */
export function jsonReport(report: GenerateReport, withDiff: boolean): string {
  return JSON.stringify(
    {
      schemaVersion: 1,
      applied: report.isApplied,
      changes: report.changes.map((change) => ({
        path: change.path,
        owner: change.owner,
        kind: change.kind,
        ...(change.reason === undefined ? {} : { reason: change.reason }),
        ...(withDiff && isWrite(change) ? { diff: unifiedDiff(change) } : {}),
      })),
      byHand: report.byHand,
      nextSteps: report.nextSteps,
    },
    null,
    2,
  );
}

/** For people: what was or would be written, what was left alone and why, and what to do next. */
export function printReport(report: GenerateReport, terminal: Terminal): void {
  const shown = report.changes.filter(({ kind, reason }) => kind !== 'keep' || reason !== undefined);
  const kernel = shown.filter((change) => change.owner === 'A' && isWrite(change));
  for (const line of kernelLines(kernel)) terminal.result(line);
  for (const change of shown.filter((one) => !kernel.includes(one))) {
    const reason = change.reason === undefined ? '' : `  (${change.reason})`;
    terminal.result(`${change.kind.padEnd(8)} ${change.path}${reason}`);
  }
  terminal.result(summary(report));
  for (const { mutation, file, line, reason, snippet } of report.byHand) {
    terminal.result(`\nby hand: ${mutation} in ${file}:${line}\n  ${reason}\n${indented(snippet)}`);
  }
  if (report.nextSteps.length === 0) return;
  terminal.result('\nNext steps:');
  for (const [index, step] of report.nextSteps.entries()) {
    terminal.result(`  ${index + 1}. ${step.replaceAll('\n', '\n     ')}`);
  }
}

/** The changes as one patch, in the format of `git diff`. */
export function printDiff(changes: readonly Change[], terminal: Terminal): void {
  for (const change of changes.filter(isWrite)) terminal.result(unifiedDiff(change).trimEnd());
}

/** Kernel files come by the dozen and are not for reading one by one here. */
function kernelLines(changes: readonly Change[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, path } of changes) {
    const key = `${kind.padEnd(8)} ${posix.dirname(path)}/`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => `${line}  ${files(count)}`);
}

function unifiedDiff({ path, before, after }: Change): string {
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
  const written = isApplied ? `${files(writes)} written` : `${files(writes)} to write; nothing was written`;
  const left = conflicts === 0 ? '' : `, ${files(conflicts)} left alone because of hand-made changes`;
  return writes === 0 && conflicts === 0 ? 'everything is up to date' : written + left;
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}
