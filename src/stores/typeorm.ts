// https://typeorm.io/docs/advanced-topics/transactions
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of a `QueryRunner`; typed by shape. */
export interface TypeOrmQueryRunner {
  query(text: string, values?: unknown[]): Promise<unknown>;
  readonly isTransactionActive: boolean;
}

/** What is used of the `EntityManager` that `dataSource.transaction(async (manager) => …)` hands out. */
export interface TypeOrmEntityManager {
  query(text: string, values?: unknown[]): Promise<unknown>;
  /** Undefined in the manager of the data source, which is in no transaction. */
  readonly queryRunner?: TypeOrmQueryRunner | undefined;
  getRepository(target: never): unknown;
}

/** A manager in a transaction, or a query runner that has started one. */
export type TypeOrmTx = TypeOrmEntityManager | TypeOrmQueryRunner;

/** Lets `emit` take a transaction of TypeORM. */
export function typeOrmTarget(tx: TypeOrmTx | EmitTarget): EmitTarget {
  if ('isTransactionActive' in tx) return typeOrmClient(tx);
  return 'getRepository' in tx ? typeOrmClient(tx.queryRunner) : tx;
}

function typeOrmClient(runner: TypeOrmQueryRunner | undefined): SqlClient {
  if (runner?.isTransactionActive !== true) {
    throw new NotInTransactionError(
      'the `manager` of `dataSource.transaction(async (manager) => …)`, or a query runner after `startTransaction()`',
    );
  }
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      const rows = await runner.query(text, values);
      return { rows: Array.isArray(rows) ? rows : [] };
    },
  };
}
