import { Chalk, type ChalkInstance } from 'chalk';
import type { Mutation, MutationKind, ScanReport } from './report.ts';
import { otherInterfacesLine } from './other-interfaces.ts';
import { unresolvedLines } from './unresolved-lines.ts';

export interface TableOptions {
  /** Of the terminal; infinite where there is none, as in a pipe: then no cell is cut and no line is blank. */
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
    ...unresolvedLines(report.unresolved, Number.isFinite(options.columns), paint),
    ...(report.otherInterfaces === undefined ? [] : ['', otherInterfacesLine(report.otherInterfaces)]),
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

/** On a narrower terminal a mutation takes two lines, since cells that are cut this short tell nothing. */
const MIN_TABLE_COLUMNS = 72;
/** Fewer rows need no blank lines between them. */
const MIN_GROUPED_ROWS = 20;

function mutationLines(mutations: readonly Mutation[], columns: number, paint: ChalkInstance): string[] {
  if (mutations.length === 0) return [];
  const lines =
    columns < MIN_TABLE_COLUMNS
      ? stackedRows(mutations, columns, paint)
      : tableRows(mutations, columns, paint);
  if (!Number.isFinite(columns) || mutations.length < MIN_GROUPED_ROWS) return lines.flat();
  const resources = resourcesOf(mutations);
  return lines.flatMap((line, index) => (startsGroup(resources, index) ? ['', ...line] : line));
}

/** What each path is about: its first segment after those that all paths share. */
function resourcesOf(mutations: readonly Mutation[]): string[] {
  const paths = mutations.map(({ path }) => path.split(/[/.]/).slice(1));
  const [first = []] = paths;
  let shared = 0;
  while (shared < first.length - 1 && paths.every((path) => path[shared] === first[shared])) shared += 1;
  return paths.map((path) => path[shared] ?? '');
}

/** Resources of a single row stand together, and apart from those of several. */
function startsGroup(resources: readonly string[], index: number): boolean {
  const [before, own] = [resources[index - 1], resources[index]];
  if (before === undefined || before === own) return false;
  return own === resources[index + 1] || before === resources[index - 2];
}

function stackedRows(mutations: readonly Mutation[], columns: number, paint: ChalkInstance): string[][] {
  return mutations.map((mutation) => {
    const isProposed = mutation.kind === 'mutation';
    const place = `${mutation.file}:${mutation.line}`;
    const event = isProposed ? `${mutation.eventType ?? '-'} (${stateOf(mutation)})` : mutation.kind;
    const room = columns - event.length - 4;
    return [
      `${paint.bold(mutation.method)} ${mutation.path}${mutation.partial ? ' (partial)' : ''}`,
      `  ${isProposed ? paint.green(event) : paint.dim(event)}  ${paint.dim(place.length > room && room > 8 ? shorten(place, room, true) : place)}`,
    ];
  });
}

function tableRows(mutations: readonly Mutation[], columns: number, paint: ChalkInstance): string[][] {
  const rows = mutations.map((mutation) => [
    mutation.method,
    mutation.partial ? `${mutation.path} (partial)` : mutation.path,
    mutation.kind === 'mutation' ? (mutation.eventType ?? '-') : '-',
    mutation.kind === 'mutation' ? stateOf(mutation) : mutation.kind,
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
    return [line.trimEnd()];
  });
}

/** How sure the proposal is, until there is code that could emit the event. */
function stateOf({ wiring, confidence }: Mutation): string {
  return wiring === undefined ? confidence : WIRING_WORDS[wiring];
}

const WIRING_WORDS: Readonly<Record<NonNullable<Mutation['wiring']>, string>> = {
  wired: 'wired',
  elsewhere: 'emitted elsewhere',
  not_wired: 'not wired',
  not_atomic: 'not wired',
  by_hand: 'by hand',
};

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

function summary(report: ScanReport): string {
  const { mutations, unresolved, stats } = report;
  const events = new Set(
    mutations.flatMap(({ kind, eventType }) =>
      kind === 'mutation' && eventType !== null ? [eventType] : [],
    ),
  );
  const ofKind = (kind: MutationKind): number =>
    mutations.filter((mutation) => mutation.kind === kind).length;
  const partial = mutations.filter((mutation) => mutation.partial).length;
  const parts = [
    count(ofKind('mutation'), 'mutation'),
    count(events.size, 'event type'),
    ...(ofKind('query') > 0 ? [count(ofKind('query'), 'query', 'queries')] : []),
    ...(ofKind('auth') > 0 ? [`${ofKind('auth')} auth`] : []),
    ...(ofKind('inbound_webhook') > 0 ? [count(ofKind('inbound_webhook'), 'inbound webhook')] : []),
    ...(partial > 0 ? [`${partial} partial`] : []),
    ...(unresolved.length > 0 ? [`${unresolved.length} unresolved`] : []),
  ];
  return `${mutations.length === 0 ? '' : '\n'}${parts.join(', ')} (${stats.parsed} of ${count(stats.files, 'file')} parsed)`;
}

function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
