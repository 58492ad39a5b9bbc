// https://mikro-orm.io/docs/transactions
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of the `EntityManager` of `@mikro-orm/core`, and so of every driver's; typed by shape. */
export interface MikroOrmTx {
  isInTransaction(): boolean;
  getTransactionContext(): unknown;
  getConnection(): {
    execute(query: string, parameters: never, method: 'all', context: never): Promise<unknown>;
  };
}

/**
 * Lets `emit` take the entity manager that `em.transactional(async (em) => …)` hands out. An id that the database
 * gives is known after `await em.flush()`.
 */
export function mikroOrmTarget(tx: MikroOrmTx | EmitTarget): EmitTarget {
  return 'isInTransaction' in tx ? mikroOrmClient(tx) : tx;
}

function mikroOrmClient(em: MikroOrmTx): SqlClient {
  if (em.isInTransaction() === false) {
    throw new NotInTransactionError('the `em` of `em.transactional(async (em) => …)`');
  }
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      const order = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number) - 1);
      const sql = text.replaceAll(/\$\d+/g, '?');
      const parameters = order.map((index) => values[index]) as never;
      const context = em.getTransactionContext() as never;
      const rows = await em.getConnection().execute(sql, parameters, 'all', context);
      return { rows: Array.isArray(rows) ? rows : [] };
    },
  };
}
