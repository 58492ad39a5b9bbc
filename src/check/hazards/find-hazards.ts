import type { Program } from '../../codemod/program.ts';
import { reachedFrom, type Reached } from '../../codemod/reach.ts';
import type { FunctionWithBody } from '../../codemod/syntax.ts';
import { sentBeforeWrites } from './before-write.ts';
import type { Hazard } from './hazard.ts';
import { withoutIgnored } from './ignore-comments.ts';
import { openersIn, sentInTransactions } from './in-transaction.ts';
import { notAwaited } from './not-awaited.ts';
import { createRuns } from './runs.ts';

/**
 * What is wrong today about what a project sends: in all of its transactions, and in what its handlers run. Only what is
 * certain is found.
 */
export function findHazards(program: Program, handlers: readonly FunctionWithBody[]): Hazard[] {
  const runs = createRuns(program);
  const reached = new Map<FunctionWithBody, Reached>();
  for (const handler of new Set(handlers)) {
    for (const place of reachedFrom(program, handler)) {
      if (!reached.has(place.target)) reached.set(place.target, place);
    }
  }
  const sources = program.sources.filter((source) => isCode(program.place(source).file));
  const openers = openersIn(sources);
  const hazards = [
    ...sources.flatMap((source) => sentInTransactions(runs, source, openers)),
    ...[...reached.values()].flatMap((place) => [
      ...sentBeforeWrites(runs, place),
      ...notAwaited(runs, place.target),
    ]),
  ];
  const reported = withoutIgnored(program, sources, hazards);
  return atOnce(reported.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line)));
}

/** What a file says again on other lines is said once, and where else. */
function atOnce(hazards: readonly Hazard[]): Hazard[] {
  const alike = new Map<string, Hazard[]>();
  for (const hazard of hazards) {
    const key = `${hazard.rule} ${hazard.file} ${hazard.message}`;
    alike.set(key, [...(alike.get(key) ?? []), hazard]);
  }
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const lines = [...new Set(others.map(({ line }) => line))].filter((line) => line !== first.line);
    if (lines.length === 0) return [first];
    const also = `; also on line${lines.length === 1 ? '' : 's'} ${lines.join(', ')}`;
    return [{ ...first, message: first.message + also }];
  });
}

/** What only tests run harms nobody. */
function isCode(file: string): boolean {
  return !/(?:^|\/)(?:tests?|__tests__|specs?|e2e)\/|\.(?:test|spec)\.[cm]?[jt]sx?$/.test(file);
}
