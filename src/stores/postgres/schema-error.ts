import type { Sql } from './sql.ts';

/** The database lacks a table or column of the store: a migration has not run there. */
export class SchemaMissingError extends Error {
  override readonly name: string = 'SchemaMissingError';

  constructor(cause: unknown) {
    super(
      'the database lacks tables or columns of the event log: run the migrations that evtgen wrote, with your ' +
        'migration tool or with: psql "$DATABASE_URL" -f <each file named evtgen, in order>',
      { cause },
    );
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';
const INVALID_SCHEMA_NAME = '3F000';

/** For `catch`: rejects with SchemaMissingError where that is the reason, else with the error itself. */
export function explainMissingSchema(error: unknown): never {
  const code = sqlStateOf(error);
  const isMissing = code === UNDEFINED_TABLE || code === UNDEFINED_COLUMN || code === INVALID_SCHEMA_NAME;
  throw isMissing ? new SchemaMissingError(error) : error;
}

/** ORMs hand the driver's error on as their `cause` or `original`; Prisma has the code in its message only. */
function sqlStateOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  if ('original' in error) return sqlStateOf(error.original);
  if (error.cause instanceof Error) return sqlStateOf(error.cause);
  const told = /^Raw query failed\. Code: `(\w{5})`/m.exec(error.message)?.[1];
  return told ?? ('code' in error ? error.code : undefined);
}

/** For the statements of the store: a missing migration is the likeliest mistake, and hard to guess from SQL. */
export function withMissingSchemaExplained(sql: Sql): Sql {
  return {
    ...sql,
    query: (text, values) => sql.query(text, values).catch(explainMissingSchema),
    transaction: (run) => sql.transaction(run).catch(explainMissingSchema),
  };
}
