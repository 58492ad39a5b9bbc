import type { ChalkInstance } from 'chalk';
import type { Unresolved } from './report.ts';
import { codeOf } from './unresolved.ts';

/** On a terminal no more than these are listed of one reason. */
const MAX_PLACES = 8;

/** What could not be followed, by reason, what happened most often first. */
export function unresolvedLines(
  unresolved: readonly Unresolved[],
  isTerminal: boolean,
  paint: ChalkInstance,
): string[] {
  if (unresolved.length === 0) return [];
  const byCode = new Map<string, Unresolved[]>();
  for (const item of unresolved) {
    const code = codeOf(item.reason);
    byCode.set(code, [...(byCode.get(code) ?? []), item]);
  }
  const groups = [...byCode].sort(([, a], [, b]) => b.length - a.length);
  return [
    '',
    paint.yellow(`Could not follow (${unresolved.length}):`),
    ...groups.flatMap(([code, items]) => {
      const shown = isTerminal ? items.slice(0, MAX_PLACES) : items;
      const width = Math.max(...shown.map(({ file, line }) => `${file}:${line}`.length));
      const others = items.length - shown.length;
      return [
        `  ${items[0]?.message ?? ''} ${paint.dim(`(${code})`)}`,
        ...shown.map(({ file, line, reason }) => {
          const detail = reason.slice(code.length).replace(/^:\s*/, '');
          return `    ${`${file}:${line}`.padEnd(width)}  ${paint.dim(detail)}`.trimEnd();
        }),
        ...(others > 0 ? [paint.dim(`    and ${others} more: evtgen scan --json`)] : []),
      ];
    }),
  ];
}
