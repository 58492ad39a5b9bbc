import type { Fixture } from './fixtures.ts';
import type { Stage } from './stages.ts';

export type Outcome = 'passed' | 'failed' | 'skipped' | 'not reached';

const MARKS: Readonly<Record<Outcome, string>> = {
  passed: '✓',
  failed: '✗',
  skipped: '–',
  'not reached': ' ',
};

/** What a run found, a line a fixture. */
export function formatTable(
  fixtures: readonly Fixture[],
  stages: readonly Stage[],
  outcomes: ReadonlyMap<string, ReadonlyMap<string, Outcome>>,
): string {
  const head = ['fixture', 'framework', 'store', 'broker (client)', 'dialect', 'formatter'];
  const rows = fixtures.map((fixture) => [
    fixture.name,
    fixture.framework,
    fixture.models === undefined ? fixture.store : `${fixture.store} (${fixture.models})`,
    fixture.broker === fixture.client ? fixture.broker : `${fixture.broker} (${fixture.client})`,
    fixture.typescript === undefined ? fixture.dialect : `${fixture.dialect}, ${fixture.typescript}`,
    fixture.formatter ?? 'none',
    ...stages.map(({ name }) => MARKS[outcomes.get(fixture.name)?.get(name) ?? 'not reached']),
  ]);
  const lines = [[...head, ...stages.map(({ name }) => name)], ...rows];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
