// https://sequelize.org/docs/v6/other-topics/transactions/
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of a `Transaction` of Sequelize; typed by shape. */
export interface SequelizeTx {
  commit(): Promise<void>;
  rollback(): Promise<void>;
  afterCommit(run: never): unknown;
}

/** What a transaction holds beyond what the typings of version 6 tell. */
interface SequelizeTransaction extends SequelizeTx {
  readonly sequelize: {
    query(
      text: string,
      options: { readonly bind: readonly unknown[]; readonly transaction: SequelizeTx },
    ): Promise<unknown>;
  };
}

/** Lets `emit` take a transaction of Sequelize: it knows its instance. */
export function sequelizeTarget(tx: SequelizeTx | EmitTarget): EmitTarget {
  if (isTransaction(tx)) return sequelizeClient(tx);
  if ('query' in tx && 'transaction' in tx) {
    throw new NotInTransactionError('the `transaction` of `sequelize.transaction(async (transaction) => …)`');
  }
  return tx as EmitTarget;
}

function isTransaction(tx: SequelizeTx | EmitTarget): tx is SequelizeTransaction {
  return 'afterCommit' in tx && 'sequelize' in tx;
}

function sequelizeClient(transaction: SequelizeTransaction): SqlClient {
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      // It gives the rows and the driver's result.
      const result = await transaction.sequelize.query(text, { bind: values, transaction });
      const [rows] = Array.isArray(result) ? result : [];
      return { rows: Array.isArray(rows) ? rows : [] };
    },
  };
}
