/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  cell(row: Row): string;
  /** Its cells may be cut where there is too little room; columns that may are cut from the last on. */
  readonly canShrink?: boolean;
}

const GAP = '  ';
const MIN_WIDTH = 8;

/**
 * Lines of a table, the titles first.
 * @param width of the terminal; infinite in a pipe, where nothing is cut
 */
export function columnLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
): readonly string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((column) => oneLine(column.cell(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const room = width - GAP.length * (columns.length - 1);
  for (const [index, column] of [...columns.entries()].toReversed()) {
    const excess = widths.reduce((sum, each) => sum + each, 0) - room;
    if (excess > 0 && column.canShrink === true) {
      widths[index] = Math.max(MIN_WIDTH, (widths[index] ?? 0) - excess);
    }
  }
  return cells.map((line) =>
    line
      .map((cell, index) => fitted(cell, widths[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

function fitted(cell: string, width: number): string {
  return cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
}

/** What others wrote must neither break the lines of a table nor steer the terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
