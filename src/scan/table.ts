import { Chalk, type ChalkInstance } from 'chalk';
import type { Mutation, ScanReport } from './report.ts';

export interface TableOptions {
  /** Of the terminal; long cells are cut so that a row stays on one line. */
  readonly columns: number;
  readonly hasColor: boolean;
}

/** The report for people: one line a mutation, then what could not be followed, then a summary. */
export function formatReport(report: ScanReport, options: TableOptions): string[] {
  const paint = new Chalk({ level: options.hasColor ? 1 : 0 });
  return [
    ...byPackage(report.mutations).flatMap(({ folder, mutations }) => [
      ...(folder === undefined ? [] : [paint.underline(folder === '' ? '.' : folder)]),
      ...mutationLines(mutations, options.columns, paint),
      ...(folder === undefined ? [] : ['']),
    ]),
    ...unresolvedLines(report, paint),
    summary(report),
  ];
}

/** One group without a name, unless packages of a monorepo were scanned. */
function byPackage(mutations: readonly Mutation[]): { folder: string | undefined; mutations: Mutation[] }[] {
  const groups = new Map<string | undefined, Mutation[]>();
  for (const mutation of mutations) {
    const group = groups.get(mutation.package) ?? [];
    groups.set(mutation.package, [...group, mutation]);
  }
  return [...groups].map(([folder, members]) => ({ folder, mutations: members }));
}

function mutationLines(mutations: readonly Mutation[], columns: number, paint: ChalkInstance): string[] {
  if (mutations.length === 0) return [];
  const rows = mutations.map((mutation) => [
    mutation.method,
    mutation.partial ? `${mutation.path} (partial)` : mutation.path,
    mutation.kind === 'mutation' ? (mutation.eventType ?? '-') : '-',
    mutation.kind === 'mutation' ? mutation.confidence : mutation.kind,
    `${mutation.file}:${mutation.line}`,
  ]);
  const widths = fit(
    [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))),
    columns,
  );
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      const cut = cell.length > width ? shorten(cell, width, column === 4) : cell;
      return column === row.length - 1 ? cut : cut.padEnd(width);
    });
    const [method = '', path = '', event = '', note = '', place = ''] = cells;
    const isProposed = mutations[index]?.kind === 'mutation';
    const line = [
      paint.bold(method),
      path,
      isProposed ? paint.green(event) : paint.dim(event),
      paint.dim(note),
      paint.dim(place),
    ].join('  ');
    return line.trimEnd();
  });
}

/** Takes what is too much from the place first, then from event and path; a column keeps at least 12. */
function fit(widths: readonly number[], columns: number): number[] {
  const fitted = [...widths];
  const total = (): number => fitted.reduce((sum, width) => sum + width, 2 * (fitted.length - 1));
  for (const column of [4, 1, 2]) {
    const excess = total() - columns;
    if (excess > 0) fitted[column] = Math.max(12, (fitted[column] ?? 0) - excess);
  }
  return fitted;
}

/** A place keeps its end, where the file name is; other cells keep their start. */
function shorten(cell: string, width: number, isPlace: boolean): string {
  return isPlace ? `…${cell.slice(cell.length - width + 1)}` : `${cell.slice(0, width - 1)}…`;
}

function unresolvedLines(report: ScanReport, paint: ChalkInstance): string[] {
  if (report.unresolved.length === 0) return [];
  return [
    '',
    paint.yellow(`Could not follow (${report.unresolved.length}):`),
    ...report.unresolved.map((item) => `  ${item.file}:${item.line}  ${item.reason}`),
  ];
}

function summary(report: ScanReport): string {
  const { mutations, unresolved, stats } = report;
  const events = new Set(
    mutations.flatMap(({ kind, eventType }) =>
      kind === 'mutation' && eventType !== null ? [eventType] : [],
    ),
  );
  const others = mutations.filter((mutation) => mutation.kind !== 'mutation').length;
  const partial = mutations.filter((mutation) => mutation.partial).length;
  const parts = [
    count(mutations.length - others, 'mutation'),
    count(events.size, 'event type'),
    ...(others > 0 ? [`${others} of another kind`] : []),
    ...(partial > 0 ? [`${partial} partial`] : []),
    ...(unresolved.length > 0 ? [`${unresolved.length} unresolved`] : []),
  ];
  return `${mutations.length === 0 ? '' : '\n'}${parts.join(', ')} (${stats.parsed} of ${count(stats.files, 'file')} parsed)`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
