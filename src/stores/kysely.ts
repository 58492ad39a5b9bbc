// https://kysely-org.github.io/kysely-apidoc/classes/Transaction.html
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of the `trx` of `db.transaction().execute(async (trx) => …)`; typed by shape. */
export interface KyselyTx {
  executeQuery(query: never): Promise<{ readonly rows: readonly unknown[] }>;
  readonly isTransaction: true;
}

/** What is used of `CompiledQuery`. */
export interface KyselyCompiledQuery {
  raw(sql: string, parameters?: unknown[]): unknown;
}

/** Lets `emit` take a transaction of Kysely, controlled ones and their savepoints too. */
export function kyselyTarget(compiledQuery: KyselyCompiledQuery): (tx: KyselyTx | EmitTarget) => EmitTarget {
  return (tx) => ('executeQuery' in tx ? kyselyClient(compiledQuery, tx) : tx);
}

/** What the database itself has as well. */
type KyselyHandle = Pick<KyselyTx, 'executeQuery'> & { readonly isTransaction: boolean };

function kyselyClient(compiledQuery: KyselyCompiledQuery, tx: KyselyHandle): SqlClient {
  if (tx.isTransaction === false) {
    throw new NotInTransactionError('the `trx` of `db.transaction().execute(async (trx) => …)`');
  }
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      const { rows } = await tx.executeQuery(compiledQuery.raw(text, values) as never);
      return { rows: rows as readonly Row[] };
    },
  };
}
