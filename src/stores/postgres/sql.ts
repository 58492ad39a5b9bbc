/**
 * The little that the PostgreSQL store needs of a client. Every binding (pg, PGlite …) gives this and nothing
 * more, so the same SQL runs through all of them.
 */

/** Column values as the driver returns them; read them through the functions below. */
export type Row = Readonly<Record<string, unknown>>;

/** A connection, a pool, or the handle of an open transaction. Placeholders are `$1`, `$2` … */
export interface SqlClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

/**
 * The first statement of every transaction of ours. A process that is frozen in the middle of one, or whose network
 * is gone, would otherwise keep its locks for as long as that lasts, and everybody else waiting.
 */
export const LIMIT_IDLE_TIME = `set local idle_in_transaction_session_timeout = '10s'`;

export interface SqlTransaction extends SqlClient {
  /** Runs several statements without parameters. */
  script(text: string): Promise<void>;
}

export interface Sql extends SqlClient {
  /**
   * Runs `run` inside READ COMMITTED, commits when it resolves and rolls back when it rejects. No session state
   * is used beyond that, so a pooler in transaction mode may stand in between.
   */
  transaction<T>(run: (tx: SqlTransaction) => Promise<T>): Promise<T>;
  /**
   * Listens to a channel on a connection of its own. Undefined where the client cannot; nothing depends on it.
   *
   * @param onLost called when the connection has ended; whoever still wants to listen calls again
   * @returns ends the listening and the connection
   */
  readonly listen?:
    | ((
        channel: string,
        onNotify: (payload: string) => void,
        onLost: () => void,
      ) => Promise<() => Promise<void>>)
    | undefined;
}

/** A bigint column: drivers give it as string (pg), number (PGlite) or bigint (custom parsers). */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === 'number' ? value : Number(value);
  if (value == null || !Number.isSafeInteger(number)) {
    throw new TypeError(`column "${column}" is no safe integer: ${String(value)}`);
  }
  return number;
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column "${column}" is no text: ${String(value)}`);
  return value;
}

export function optionalTextOf(row: Row, column: string): string | undefined {
  return row[column] == null ? undefined : textOf(row, column);
}

export function optionalNumberOf(row: Row, column: string): number | undefined {
  return row[column] == null ? undefined : numberOf(row, column);
}

/** A column of milliseconds since the epoch, as ISO 8601: drivers disagree about timestamps. */
export function timeOf(row: Row, column: string): string {
  return new Date(numberOf(row, column)).toISOString();
}

export function optionalTimeOf(row: Row, column: string): string | undefined {
  return row[column] == null ? undefined : timeOf(row, column);
}

export function booleanOf(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value !== 'boolean') throw new TypeError(`column "${column}" is no boolean: ${String(value)}`);
  return value;
}

/** The only row of a statement that always returns one. */
export function onlyRow(result: { readonly rows: readonly Row[] }): Row {
  const row = result.rows[0];
  if (row === undefined) throw new TypeError('expected a row, got none');
  return row;
}
