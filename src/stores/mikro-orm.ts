// https://mikro-orm.io/docs/transactions
import { knexTarget } from './knex.ts';
import type { KnexTx } from './knex.ts';
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of the `EntityManager` of `@mikro-orm/postgresql`, from version 6 on; typed by shape. */
export interface MikroOrmTx {
  isInTransaction(): boolean;
  getTransactionContext(): unknown;
  execute(query: string, parameters?: never): Promise<unknown>;
}

/** Lets `emit` take the entity manager that `em.transactional(async (em) => …)` hands out. */
export function mikroOrmTarget(tx: MikroOrmTx | EmitTarget): EmitTarget {
  if (!('isInTransaction' in tx)) return tx;
  if (tx.isInTransaction() === false) {
    throw new NotInTransactionError('the `em` of `em.transactional(async (em) => …)`');
  }
  // Version 6 runs on Knex, and its own `execute` would take a question mark in a value for a placeholder.
  const context = tx.getTransactionContext();
  return isKnex(context) ? knexTarget(context) : mikroOrmClient(tx);
}

function isKnex(context: unknown): context is KnexTx {
  return typeof context === 'function' && 'raw' in context && 'isCompleted' in context;
}

function mikroOrmClient(em: MikroOrmTx): SqlClient {
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      const order = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number) - 1);
      const sql = text.replaceAll(/\$\d+/g, '?');
      const rows = await em.execute(sql, order.map((index) => values[index]) as never);
      return { rows: Array.isArray(rows) ? rows : [] };
    },
  };
}
